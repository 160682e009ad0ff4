import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useLoginServer } from './loginServer';
import { authorize, makeKey, startSshd } from './machine';
import { FOR_SSH_ITSELF, Lines, Person } from './opening';

describe("a target that only the system's ssh can reach", () => {
  const { perTest, here, knownHostsWith, publicText, line, open, failure, works } = useLoginServer({
    opening: { configLines: FOR_SSH_ITSELF },
  });
  let authority: string;
  beforeAll(() => {
    authority = makeKey(here.directory, 'authority');
  });

  it('says by which way and why', async () => {
    const log = new Lines();
    const target = await open({ log: log.log });
    await works(target);
    expect(target.via).toBe("the system's ssh, for KexAlgorithms sntrup761x25519-sha512@openssh.com");
    expect(log.text).toContain("through the system's ssh");
  });

  it('shows a certificate that lies beside its key', async () => {
    const key = makeKey(here.directory, 'certified');
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', here.user.name, `${key}.pub`]);
    const { port } = await startSshd(perTest, {
      hostKeys: [here.host],
      settings: [`TrustedUserCAKeys ${authority}.pub`],
    });
    const knownHosts = knownHostsWith('takes_certificates', line(here.host, port));
    const target = await open({ port, knownHosts, identityFile: key, configLines: [] });
    await works(target);
    expect(target.via).toBe(`the system's ssh, for the certificate ${key}-cert.pub`);
  });

  it('trusts a host whose key an authority has certified', async () => {
    const certified = makeKey(here.directory, 'certified_host');
    execFileSync('ssh-keygen', [
      '-q',
      '-h',
      '-s',
      authority,
      '-I',
      'host',
      '-n',
      '127.0.0.1',
      `${certified}.pub`,
    ]);
    const { port } = await startSshd(perTest, {
      hostKeys: [certified],
      settings: [`HostCertificate ${certified}-cert.pub`],
    });
    const knownHosts = knownHostsWith('authorities', `@cert-authority * ${publicText(authority)}`);
    const person = new Person();
    const target = await open({ port, knownHosts, configLines: [], prompts: person });
    await works(target);
    expect(target.via).toContain('certificate authority');
    expect(person.keys).toEqual([]);
  });

  it.each(['remember', 'once'] as const)(
    'asks for an unknown host key, and takes it (%s)',
    async (answer) => {
      const knownHosts = knownHostsWith(`unknown_${answer}`);
      const person = new Person({ hostKey: answer });
      await works(await open({ knownHosts, prompts: person }));
      expect(person.keys).toEqual([
        {
          host: `[127.0.0.1]:${here.server.port}`,
          keyType: 'ED25519',
          fingerprint: execFileSync('ssh-keygen', ['-lf', `${here.host}.pub`], { encoding: 'utf8' }).split(
            ' ',
          )[1],
        },
      ]);
      expect(readFileSync(knownHosts, 'utf8')).toBe(answer === 'once' ? '' : `${line(here.host)}\n`);
    },
  );

  it('is not reached when the host key is declined', async () => {
    const error = await failure({ knownHosts: knownHostsWith('declined'), prompts: new Person() });
    expect(error.message).toContain('not accepted');
  });

  it('is refused with a changed host key, with file and line', async () => {
    const knownHosts = knownHostsWith('changed', '# comment', line(here.login));
    const error = await failure({ knownHosts });
    expect(error.kind).toBe('hostKey');
    expect(error.message).toContain(`${knownHosts}:2`);
    expect(error.message).toContain('ephemeralHostKey');
  });

  it('takes any host key where the target says that it changes', async () => {
    const knownHosts = knownHostsWith('flashed', line(here.login));
    await works(await open({ knownHosts, ephemeralHostKey: true, prompts: new Person() }));
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${line(here.login)}\n`);
  });

  it('asks for a passphrase until it is right', async () => {
    const locked = makeKey(here.directory, 'locked', 'ed25519', 'correct horse');
    authorize(here.user, `${locked}.pub`);
    const person = new Person({ secrets: ['wrong', 'correct horse'] });
    await works(await open({ identityFile: locked, prompts: person }));
    authorize(here.user, `${here.login}.pub`);
    expect(person.questions).toEqual([
      { kind: 'passphrase', subject: locked, attempt: 1 },
      { kind: 'passphrase', subject: locked, attempt: 2 },
    ]);
  });

  it('asks for a password until it is right, and tells nobody else', async () => {
    const log = new Lines();
    const person = new Person({ secrets: ['wrong', here.user.password] });
    const identityFile = makeKey(here.directory, 'unknown');
    const target = await open({ identityFile, prompts: person, log: log.log });
    const { stdout } = await target.run(['sh', '-c', 'ps -efww; env']);
    const subject = `${here.user.name}@127.0.0.1:${here.server.port}`;
    expect(person.questions).toEqual([
      { kind: 'password', subject, attempt: 1 },
      { kind: 'password', subject, attempt: 2 },
    ]);
    for (const text of [log.text, stdout.toString()]) {
      expect(text).not.toContain(here.user.password);
    }
  });

  it('says what a person gave up', async () => {
    const stranger = makeKey(here.directory, 'stranger');
    const error = await failure({ identityFile: stranger, prompts: new Person() });
    expect(error.kind).toBe('authentication');
    expect(error.message).toContain('no password was given');
  });

  it.each([
    ['refuses the connection', { port: 1 }, 'refused', 'Connection refused'],
    ['has no such name', { configLines: [...FOR_SSH_ITSELF, 'HostName no.such.invalid'] }, 'name', 'resolve'],
    [
      'has other algorithms',
      { configLines: [...FOR_SSH_ITSELF, 'Ciphers 3des-cbc'] },
      'protocol',
      'Their offer: ',
    ],
  ] as const)('that %s is told as that', async (_what, options, kind, words) => {
    const error = await failure(options);
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(words);
  });

  it('is taken when the login shows that ssh2 has no algorithm in common', async () => {
    const modern = await startSshd(perTest, {
      hostKeys: [here.host],
      settings: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
    });
    const knownHosts = knownHostsWith('modern', line(here.host, modern.port));
    const target = await open({ port: modern.port, knownHosts, configLines: [] });
    await works(target);
    expect(target.via).toMatch(/for no .* of ssh2's/);
  });

  it('leaves neither a process nor a file behind', async () => {
    const own = await startSshd(perTest, { hostKeys: [here.host] });
    const knownHosts = knownHostsWith('own', line(here.host, own.port));
    const target = await open({ port: own.port, knownHosts });
    const shown = (): string =>
      execFileSync(
        'sh',
        [
          '-c',
          'ps -e -o args= -ww | grep -- "-M -N .* -p $1 " | grep -v grep || true',
          'sh',
          String(own.port),
        ],
        {
          encoding: 'utf8',
        },
      );
    const socket = /-S (\S+)/.exec(shown())?.[1] ?? '';
    expect(existsSync(socket)).toBe(true);
    await target.dispose();
    await expect.poll(shown).toBe('');
    await expect.poll(() => existsSync(dirname(socket))).toBe(false);
  });
});
