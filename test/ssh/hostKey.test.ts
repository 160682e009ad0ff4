import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, KnownHosts } from '../../client/targets/hostKeys';
import { useLoginServer } from './loginServer';
import { makeKey, publicKey } from './machine';
import { Lines, Person } from './opening';

describe('a host key', () => {
  const { here, knownHostsWith, line, open, failure, works } = useLoginServer();

  it('that is not known asks, and remembers it', async () => {
    const knownHosts = join(here.directory, 'new', 'known_hosts');
    const person = new Person({ hostKey: 'remember' });
    await works(await open({ knownHosts, prompts: person }));
    expect(person.keys).toEqual([
      {
        host: `[127.0.0.1]:${here.server.port}`,
        keyType: 'ssh-ed25519',
        fingerprint: execFileSync('ssh-keygen', ['-lf', `${here.host}.pub`], { encoding: 'utf8' }).split(
          ' ',
        )[1],
      },
    ]);
    expect(statSync(knownHosts).mode & 0o777).toBe(0o600);
    expect(statSync(join(here.directory, 'new')).mode & 0o777).toBe(0o700);
    const again = new Person();
    await works(await open({ knownHosts, prompts: again }));
    expect(again.keys).toEqual([]);
  });

  it('that is taken once is not remembered', async () => {
    const knownHosts = knownHostsWith('once');
    await works(await open({ knownHosts, prompts: new Person({ hostKey: 'once' }) }));
    expect(readFileSync(knownHosts, 'utf8')).toBe('');
  });

  it('that a person declines ends it', async () => {
    const error = await failure({ knownHosts: knownHostsWith('declined'), prompts: new Person() });
    expect(error.kind).toBe('hostKey');
    expect(error.message).toContain('not accepted');
  });

  it('that changed is refused with file, line, both fingerprints and the way out', async () => {
    const other = makeKey(here.directory, 'other');
    const knownHosts = knownHostsWith('changed', '# comment', line(other));
    const person = new Person({ hostKey: 'remember' });
    const error = await failure({ knownHosts, prompts: person });
    expect(error.kind).toBe('hostKey');
    expect(error.message).toContain(`${knownHosts}:2`);
    expect(error.message).toContain(fingerprint(publicKey(here.host)));
    expect(error.message).toContain(fingerprint(publicKey(other)));
    const wayOut = `ssh-keygen -f '${knownHosts}' -R '[127.0.0.1]:${here.server.port}'`;
    expect(error.message).toContain(wayOut);
    expect(person.keys).toEqual([]);
    execFileSync('sh', ['-c', wayOut], { stdio: 'ignore' });
    await works(await open({ knownHosts, prompts: person }));
    expect(person.keys).toHaveLength(1);
  });

  it('that changes with each flash is not looked at where the target says so', async () => {
    const knownHosts = knownHostsWith('flashed', line(makeKey(here.directory, 'before_flash')));
    const before = readFileSync(knownHosts, 'utf8');
    const log = new Lines();
    await works(await open({ knownHosts, ephemeralHostKey: true, prompts: new Person(), log: log.log }));
    expect(log.text).toContain(`${fingerprint(publicKey(here.host))} is not checked`);
    expect(readFileSync(knownHosts, 'utf8')).toBe(before);
  });

  it('that is revoked is refused', async () => {
    const knownHosts = knownHostsWith(
      'revoked',
      line(here.host),
      `@revoked * ${line(here.host).split(' ').slice(1).join(' ')}`,
    );
    expect((await failure({ knownHosts })).message).toContain(`revoked (${knownHosts}:2)`);
  });

  it('of another type than the one it prefers is asked for that type', async () => {
    const person = new Person();
    await works(await open({ knownHosts: knownHostsWith('rsa', line(here.rsaHost)), prompts: person }));
    expect(person.keys).toEqual([]);
  });

  it('that is not known is refused where StrictHostKeyChecking says yes, and taken where it says accept-new', async () => {
    const knownHosts = knownHostsWith('strict');
    const person = new Person({ hostKey: 'remember' });
    const refused = await failure({
      knownHosts,
      prompts: person,
      config: { strictHostKeyChecking: 'yes' },
    });
    expect(refused.message).toContain('StrictHostKeyChecking');
    await works(await open({ knownHosts, prompts: person, config: { strictHostKeyChecking: 'accept-new' } }));
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${line(here.host)}\n`);
    expect(person.keys).toEqual([]);
  });

  it('that was handed over needs no known_hosts', async () => {
    const pinned = readFileSync(`${here.host}.pub`, 'utf8').trim();
    const knownHosts = join(here.directory, 'never', 'read');
    await works(await open({ knownHosts, hostKey: pinned, prompts: new Person() }));
    const wrong = readFileSync(`${here.login}.pub`, 'utf8').trim();
    expect((await failure({ knownHosts, hostKey: wrong })).message).toContain('CHANGED');
  });

  it('is what ssh itself would say of it', async () => {
    const other = makeKey(here.directory, 'yet_another');
    const { port } = here.server;
    const withoutPort = (key: string): string => line(key).replace(/^\S+/, '127.0.0.1');
    const cases: Record<string, string[]> = {
      nothing: [],
      good: [line(here.host)],
      'another key': [line(other)],
      'another type': [line(here.rsaHost)],
      'both types, one wrong': [line(here.rsaHost), line(other)],
      'without the port': [withoutPort(here.host)],
      'a wrong one without the port': [withoutPort(other)],
      'a pattern': [line(here.host).replace(/^\S+/, `[127.0.0.*]:${port}`)],
      'an exclusion': [line(here.host).replace(/^\S+/, `*,![127.0.0.1]:${port}`)],
      'an authority': [`@cert-authority ${line(other)}`],
      revoked: [line(here.host), `@revoked ${line(here.host)}`],
      'revoked without the port': [`@revoked ${withoutPort(here.host)}`],
      'another is revoked': [`@revoked ${line(other)}`],
    };
    for (const [name, lines] of Object.entries(cases)) {
      const file = knownHostsWith('case', ...lines);
      const known = await KnownHosts.read([file]);
      const types = known.keyTypes('127.0.0.1', port);
      // The key that the server shows when these types are asked for first.
      const shown = publicKey(types.length > 0 && !types.includes('ssh-ed25519') ? here.rsaHost : here.host);
      expect([name, known.decide('127.0.0.1', port, shown).kind]).toEqual([name, asSshSays(file)]);
    }
  });

  it('is what ssh itself would say of it, for generated files', async () => {
    const { port } = here.server;
    const names = fc.array(
      fc.constantFrom(
        `[127.0.0.1]:${port}`,
        '127.0.0.1',
        `[127.0.0.*]:${port}`,
        '*',
        '[*]:*',
        `![127.0.0.1]:${port}`,
        '!127.0.0.1',
        '[127.0.0.1]:1',
        '127.0.0.?',
        'board',
      ),
      { minLength: 1, maxLength: 3 },
    );
    const entry = fc.record({
      marker: fc.constantFrom('', '', '', '@revoked '),
      names: names.map((list) => list.join(',')),
      key: fc.constantFrom(here.host, here.rsaHost, here.login),
      hashed: fc.boolean(),
    });
    const files = fc.array(fc.array(entry, { maxLength: 4 }), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(files, async (generated) => {
        const paths = generated.map((entries, index) => {
          const path = knownHostsWith(
            `generated${index}`,
            ...entries.map(
              (one) => `${one.marker}${one.names} ${line(one.key).split(' ').slice(1).join(' ')}`,
            ),
          );
          if (entries.some(({ hashed }) => hashed)) {
            execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
          }
          return path;
        });
        const known = await KnownHosts.read(paths);
        const types = known.keyTypes('127.0.0.1', port);
        const shown = publicKey(
          types.length > 0 && !types.includes('ssh-ed25519') ? here.rsaHost : here.host,
        );
        expect(known.decide('127.0.0.1', port, shown).kind).toBe(asSshSays(paths.join(' ')));
      }),
      { numRuns: 60 },
    );
  });

  /** Reads ssh's verdict off what it prints; the login itself is not wanted. */
  function asSshSays(file: string): string {
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'GlobalKnownHostsFile=none',
      'PreferredAuthentications=none',
    ];
    const argv = [...options, `UserKnownHostsFile=${file}`].flatMap((option) => ['-o', option]);
    try {
      execFileSync(
        'ssh',
        ['-F', 'none', ...argv, '-p', String(here.server.port), `${here.user.name}@127.0.0.1`, 'true'],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
    } catch (error) {
      const said = String((error as { stderr: Buffer }).stderr);
      if (said.includes('REVOKED')) {
        return 'revoked';
      }
      if (said.includes('HAS CHANGED')) {
        return 'changed';
      }
      if (said.includes('key is known')) {
        return 'unknown';
      }
      return said.includes('Permission denied') ? 'known' : said;
    }
    return 'known';
  }
});
