import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectError } from '../../client/targets/errors';
import { fingerprint, KnownHosts } from '../../client/targets/hostKeys';
import type { Target } from '../../client/targets/target';
import {
  authorize,
  Cleanup,
  freePort,
  makeKey,
  makeUser,
  publicKey,
  runAsRoot,
  startAgent,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { connectFailure, Lines, type Opening, openTarget, Person, worksAs } from './opening';

describe('logging in to OpenSSH', () => {
  const cleanup = new Cleanup();
  let directory: string;
  let user: TestUser;
  let login: string;
  let host: string;
  let rsaHost: string;
  let server: TestServer;

  const knownHostsWith = (name: string, ...lines: string[]): string => {
    const file = join(directory, name);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };
  const line = (key: string, port = server.port): string =>
    `[127.0.0.1]:${port} ${readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')}`;
  const open = (options: Partial<Opening> = {}): Promise<Target> =>
    openTarget(cleanup, {
      port: server.port,
      user: user.name,
      identityFile: login,
      knownHosts: knownHostsWith('trusted', line(host)),
      ...options,
    });
  const failure = (options: Partial<Opening>): Promise<ConnectError> => connectFailure(open(options));
  const works = (target: Target): Promise<void> => worksAs(target, user.name);

  beforeAll(async () => {
    directory = temporaryDirectory(cleanup);
    user = makeUser(cleanup);
    login = makeKey(directory, 'login');
    host = makeKey(directory, 'host');
    rsaHost = makeKey(directory, 'host_rsa', 'rsa');
    authorize(user, `${login}.pub`);
    server = await startSshd(cleanup, { hostKeys: [host, rsaHost] });
  });
  afterAll(() => cleanup.run());

  describe('with a host key', () => {
    it('that is not known asks, and remembers it', async () => {
      const knownHosts = join(directory, 'new', 'known_hosts');
      const person = new Person({ hostKey: 'remember' });
      await works(await open({ knownHosts, prompts: person }));
      expect(person.keys).toEqual([
        {
          host: `[127.0.0.1]:${server.port}`,
          keyType: 'ssh-ed25519',
          fingerprint: execFileSync('ssh-keygen', ['-lf', `${host}.pub`], { encoding: 'utf8' }).split(' ')[1],
        },
      ]);
      expect(statSync(knownHosts).mode & 0o777).toBe(0o600);
      expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o700);
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
      const other = makeKey(directory, 'other');
      const knownHosts = knownHostsWith('changed', '# comment', line(other));
      const person = new Person({ hostKey: 'remember' });
      const error = await failure({ knownHosts, prompts: person });
      expect(error.kind).toBe('hostKey');
      expect(error.message).toContain(`${knownHosts}:2`);
      expect(error.message).toContain(fingerprint(publicKey(host)));
      expect(error.message).toContain(fingerprint(publicKey(other)));
      expect(error.message).toContain(`ssh-keygen -f '${knownHosts}' -R '[127.0.0.1]:${server.port}'`);
      expect(person.keys).toEqual([]);
    });

    it('that changes with each flash is not looked at where the target says so', async () => {
      const knownHosts = knownHostsWith('flashed', line(makeKey(directory, 'before_flash')));
      const before = readFileSync(knownHosts, 'utf8');
      const log = new Lines();
      await works(await open({ knownHosts, ephemeralHostKey: true, prompts: new Person(), log: log.log }));
      expect(log.text).toContain(`${fingerprint(publicKey(host))} is not checked`);
      expect(readFileSync(knownHosts, 'utf8')).toBe(before);
    });

    it('that is revoked is refused', async () => {
      const knownHosts = knownHostsWith(
        'revoked',
        line(host),
        `@revoked * ${line(host).split(' ').slice(1).join(' ')}`,
      );
      expect((await failure({ knownHosts })).message).toContain(`revoked (${knownHosts}:2)`);
    });

    it('of another type than the one it prefers is asked for that type', async () => {
      const person = new Person();
      await works(await open({ knownHosts: knownHostsWith('rsa', line(rsaHost)), prompts: person }));
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
      await works(
        await open({ knownHosts, prompts: person, config: { strictHostKeyChecking: 'accept-new' } }),
      );
      expect(readFileSync(knownHosts, 'utf8')).toBe(`${line(host)}\n`);
      expect(person.keys).toEqual([]);
    });

    it('that was handed over needs no known_hosts', async () => {
      const pinned = readFileSync(`${host}.pub`, 'utf8').trim();
      const knownHosts = join(directory, 'never', 'read');
      await works(await open({ knownHosts, hostKey: pinned, prompts: new Person() }));
      const wrong = readFileSync(`${login}.pub`, 'utf8').trim();
      expect((await failure({ knownHosts, hostKey: wrong })).message).toContain('CHANGED');
    });

    it('is what ssh itself would say of it', async () => {
      const other = makeKey(directory, 'yet_another');
      const { port } = server;
      const withoutPort = (key: string): string => line(key).replace(/^\S+/, '127.0.0.1');
      const cases: Record<string, string[]> = {
        nothing: [],
        good: [line(host)],
        'another key': [line(other)],
        'another type': [line(rsaHost)],
        'both types, one wrong': [line(rsaHost), line(other)],
        'without the port': [withoutPort(host)],
        'a wrong one without the port': [withoutPort(other)],
        'a pattern': [line(host).replace(/^\S+/, `[127.0.0.*]:${port}`)],
        'an exclusion': [line(host).replace(/^\S+/, `*,![127.0.0.1]:${port}`)],
        'an authority': [`@cert-authority ${line(other)}`],
        revoked: [line(host), `@revoked ${line(host)}`],
        'revoked without the port': [`@revoked ${withoutPort(host)}`],
        'another is revoked': [`@revoked ${line(other)}`],
      };
      for (const [name, lines] of Object.entries(cases)) {
        const file = knownHostsWith('case', ...lines);
        const known = await KnownHosts.read([file]);
        const types = known.keyTypes('127.0.0.1', port);
        // The key that the server shows when these types are asked for first.
        const shown = publicKey(types.length > 0 && !types.includes('ssh-ed25519') ? rsaHost : host);
        expect([name, known.decide('127.0.0.1', port, shown).kind]).toEqual([name, asSshSays(file)]);
      }
    });

    it('is what ssh itself would say of it, for generated files', async () => {
      const { port } = server;
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
        key: fc.constantFrom(host, rsaHost, login),
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
          const shown = publicKey(types.length > 0 && !types.includes('ssh-ed25519') ? rsaHost : host);
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
          ['-F', 'none', ...argv, '-p', String(server.port), `${user.name}@127.0.0.1`, 'true'],
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

  describe('with a key', () => {
    it.each(['rsa', 'ecdsa', 'ed25519'])('of type %s from a file', async (type) => {
      const key = makeKey(directory, `type_${type}`, type);
      authorize(user, `${key}.pub`);
      await works(await open({ identityFile: key }));
    });

    it('that is encrypted asks for its passphrase until it is right', async () => {
      const key = makeKey(directory, 'locked', 'ed25519', 'correct horse');
      authorize(user, `${key}.pub`);
      const person = new Person({ secrets: ['wrong', 'correct horse'] });
      const log = new Lines();
      await works(await open({ identityFile: key, prompts: person, log: log.log }));
      expect(person.questions).toEqual([
        { kind: 'passphrase', subject: key, attempt: 1 },
        { kind: 'passphrase', subject: key, attempt: 2 },
      ]);
      expect(log.text).not.toContain('correct horse');
    });

    it('that is encrypted and not wanted by the server asks for nothing', async () => {
      const key = makeKey(directory, 'unwanted', 'ed25519', 'correct horse');
      const person = new Person();
      await failure({ identityFile: key, prompts: person });
      expect(person.questions.filter(({ kind }) => kind === 'passphrase')).toEqual([]);
    });

    it('in the old PEM format, encrypted', async () => {
      const key = makeKey(directory, 'pem', 'rsa');
      execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-N', 'correct horse', '-f', key]);
      authorize(user, `${key}.pub`);
      await works(await open({ identityFile: key, prompts: new Person({ secrets: ['correct horse'] }) }));
    });

    it('that is no key is told with its path', async () => {
      const identityFile = join(directory, 'garbage');
      writeFileSync(
        identityFile,
        '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      );
      const error = await failure({ identityFile });
      expect(error.kind).toBe('configuration');
      expect(error.message).toContain(identityFile);
    });

    it('that is not there is told with its path', async () => {
      const error = await failure({ identityFile: join(directory, 'absent') });
      expect(error.message).toMatch(/absent.*ENOENT/);
    });

    it('that the agent holds, with the file naming it', async () => {
      const agent = startAgent(cleanup);
      const key = makeKey(directory, 'held', 'rsa');
      const decoys = Array.from({ length: 8 }, (_, index) => makeKey(directory, `decoy${index}`));
      for (const each of [...decoys, key]) {
        execFileSync('ssh-add', ['-q', each], {
          env: { ...process.env, SSH_AUTH_SOCK: agent },
          stdio: 'ignore',
        });
      }
      authorize(user, `${key}.pub`);
      execFileSync('rm', [key]);
      await works(await open({ identityFile: `${key}.pub`, config: { identityAgent: agent } }));
    });

    it('that only the agent knows', async () => {
      const agent = startAgent(cleanup);
      const key = makeKey(directory, 'only_agent', 'ecdsa');
      execFileSync('ssh-add', ['-q', key], {
        env: { ...process.env, SSH_AUTH_SOCK: agent },
        stdio: 'ignore',
      });
      authorize(user, `${key}.pub`);
      const config = { identityAgent: agent, identityFiles: [], identitiesOnly: false };
      const options = {
        port: server.port,
        user: user.name,
        knownHosts: knownHostsWith('trusted', line(host)),
      };
      await works(await openTarget(cleanup, { ...options, config }));
    });

    it('goes on without an agent that is gone', async () => {
      authorize(user, `${login}.pub`);
      const log = new Lines();
      await works(await open({ config: { identityAgent: join(directory, 'no-agent') }, log: log.log }));
      expect(log.text).toContain('no-agent');
    });

    it('that is refused says what was tried and what the server accepts', async () => {
      const key = makeKey(directory, 'stranger');
      const error = await failure({ identityFile: key, prompts: new Person() });
      expect(error.kind).toBe('authentication');
      expect((await failureWithoutPasswords(key)).message).toMatch(
        /tried key .*stranger.*accepts: publickey\. Put your public key/,
      );
    });

    async function failureWithoutPasswords(identityFile: string): Promise<ConnectError> {
      const strict = await startSshd(cleanup, {
        hostKeys: [host],
        settings: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
      });
      return failure({
        port: strict.port,
        identityFile,
        knownHosts: knownHostsWith('strict2', line(host, strict.port)),
      });
    }
  });

  describe('with a password', () => {
    const withPassword = (secrets: string[], settings: Partial<Opening> = {}) => {
      const person = new Person({ secrets });
      const log = new Lines();
      return {
        person,
        log,
        options: { identityFile: join(directory, 'nokey'), prompts: person, log: log.log, ...settings },
      };
    };

    beforeAll(() => {
      makeKey(directory, 'nokey');
    });

    it('asks until it is right, and says how often', async () => {
      const { person, log, options } = withPassword(['wrong', user.password]);
      await works(await open(options));
      const subject = `${user.name}@127.0.0.1:${server.port}`;
      expect(person.questions).toEqual([
        { kind: 'password', subject, attempt: 1 },
        { kind: 'password', subject, attempt: 2 },
      ]);
      expect(log.text).not.toContain(user.password);
    });

    it('that is wrong three times is enough', async () => {
      const { person, options } = withPassword(['a', 'b', 'c', user.password]);
      const error = await failure(options);
      expect(person.questions).toHaveLength(3);
      expect(error.kind).toBe('authentication');
      expect(error.message).toMatch(/password \(3 times\)/);
    });

    it('that is not given ends it', async () => {
      expect((await failure(withPassword([]).options)).message).toContain('no password was given');
    });

    it('that is asked through keyboard-interactive is the same password', async () => {
      const pam = await startSshd(cleanup, {
        hostKeys: [host],
        settings: ['UsePAM yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
      });
      const knownHosts = knownHostsWith('pam', line(host, pam.port));
      const { person, options } = withPassword(['wrong', user.password], { port: pam.port, knownHosts });
      await works(await open(options));
      expect(person.questions.map(({ kind, attempt }) => [kind, attempt])).toEqual([
        ['password', 1],
        ['password', 2],
      ]);
    });
  });

  it.each(['publickey,password', 'publickey,keyboard-interactive', 'keyboard-interactive,publickey'])(
    'that wants two ways, one after the other (%s)',
    async (methods) => {
      const both = await startSshd(cleanup, {
        hostKeys: [host],
        settings: ['UsePAM yes', `AuthenticationMethods ${methods}`],
      });
      authorize(user, `${login}.pub`);
      const person = new Person({ secrets: [user.password] });
      const knownHosts = knownHostsWith('two_ways', line(host, both.port));
      await works(await open({ port: both.port, knownHosts, prompts: person }));
      expect(person.questions.map(({ kind }) => kind)).toEqual(['password']);
    },
  );

  it('that wants two keys', async () => {
    const both = await startSshd(cleanup, {
      hostKeys: [host],
      settings: ['AuthenticationMethods publickey,publickey'],
    });
    const second = makeKey(directory, 'second');
    const file = join(user.home, '.ssh/authorized_keys');
    authorize(user, `${login}.pub`);
    runAsRoot(['tee', '-a', file], readFileSync(`${second}.pub`, 'utf8'));
    const knownHosts = knownHostsWith('two_keys', line(host, both.port));
    const config = { identityFiles: [makeKey(directory, 'not_wanted'), login, second] };
    await works(await open({ port: both.port, knownHosts, identityFile: undefined, config }));
    authorize(user, `${login}.pub`);
  });

  describe('that can not be reached', () => {
    it('says that the connection was refused', async () => {
      const error = await failure({ port: await freePort() });
      expect(error.kind).toBe('refused');
      expect(error.message).toContain('connection refused');
    });

    it('says that there is no such host', async () => {
      const error = await failure({ config: { hostName: 'no-such-host.invalid' } });
      expect(error.kind).toBe('name');
      expect(error.message).toContain('no-such-host.invalid');
    });

    it('stops at once when it is cancelled', async () => {
      const cancel = new AbortController();
      const opening = open({
        knownHosts: knownHostsWith('cancel'),
        signal: cancel.signal,
        prompts: {
          confirmHostKey: () => {
            cancel.abort(new Error('enough'));
            return new Promise(() => undefined);
          },
          secret: () => Promise.resolve(undefined),
        },
      });
      await expect(opening).rejects.toThrow('enough');
    });
  });

  describe('through a proxy', () => {
    it('command, as ssh runs it', async () => {
      authorize(user, `${login}.pub`);
      const target = await open({ config: { proxyCommand: 'busybox nc %h %p' } });
      await works(target);
      await target.dispose();
      expect(() => execFileSync('pgrep', ['-f', `nc 127.0.0.1 ${server.port}`])).toThrow();
    });

    it("jump over two hosts, whose keys and passwords are asked for as the target's own", async () => {
      authorize(user, `${login}.pub`);
      const gates = [
        await startSshd(cleanup, { hostKeys: [host] }),
        await startSshd(cleanup, { hostKeys: [host] }),
      ];
      const person = new Person({ hostKey: 'remember', secrets: [user.password, user.password] });
      const jump = gates.map(({ port }) => `${user.name}@127.0.0.1:${port}`).join(',');
      // The file names no key: only the target's definition does, which is not for the hosts between.
      const configLines = ['Host board', 'HostName 127.0.0.1', `ProxyJump ${jump}`, 'Host *'];
      const knownHosts = knownHostsWith('gates', line(host));
      const target = await open({ host: 'board', knownHosts, configLines, prompts: person });
      await works(target);
      expect(target.via).toBeUndefined();
      expect(person.keys.map(({ host: name, writtenBySsh }) => [name, writtenBySsh])).toEqual(
        gates.map(({ port }) => [`[127.0.0.1]:${port}`, true]),
      );
      expect(person.questions.map(({ kind, subject }) => [kind, subject])).toEqual(
        gates.map(() => ['password', `${user.name}@127.0.0.1`]),
      );
      await target.dispose();
    });

    it('jump is not made when its host key is declined', async () => {
      const gate = await startSshd(cleanup, { hostKeys: [host] });
      const jump = `${user.name}@127.0.0.1:${gate.port}`;
      const configLines = ['Host board', 'HostName 127.0.0.1', `ProxyJump ${jump}`, 'Host *'];
      const knownHosts = knownHostsWith('declined_gate', line(host));
      const error = await failure({ host: 'board', knownHosts, configLines, prompts: new Person() });
      expect(error.message).toContain(`[127.0.0.1]:${gate.port}: its host key ED25519`);
      expect(error.message).toContain('was not accepted');
    });

    it('command that fails says so', async () => {
      const error = await failure({ config: { proxyCommand: 'echo no way >&2; exit 1' } });
      expect(error.message).toContain('no way');
    });
  });

  it('uses the algorithms of a server of 2013', async () => {
    const old = await startSshd(cleanup, {
      hostKeys: [rsaHost],
      settings: [
        'KexAlgorithms diffie-hellman-group1-sha1',
        'HostKeyAlgorithms ssh-rsa',
        'Ciphers aes128-ctr',
        'MACs hmac-sha1',
        'PubkeyAcceptedAlgorithms +ssh-rsa',
      ],
    });
    authorize(user, `${login}.pub`);
    await works(await open({ port: old.port, knownHosts: knownHostsWith('old', line(rsaHost, old.port)) }));
  });

  it('says which algorithms a server offers when none fits', async () => {
    const odd = await startSshd(cleanup, { hostKeys: [host], settings: ['Ciphers aes128-cbc'] });
    const error = await failure({ port: odd.port, knownHosts: knownHostsWith('odd', line(host, odd.port)) });
    expect(error.kind).toBe('protocol');
    expect(error.message).toMatch(/cipher.*aes128-cbc/i);
  });

  it('leaves no process of a login behind', async () => {
    authorize(user, `${login}.pub`);
    const target = await open();
    await target.dispose();
    await target.dispose();
    expect(() => runAsRoot(['pgrep', '-u', user.name, 'sleep'])).toThrow();
  });
});
