import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import {
  authorize,
  Cleanup,
  makeKey,
  makeUser,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { connectFailure, FOR_SSH_ITSELF, Lines, type Opening, openTarget, Person, worksAs } from './opening';

describe("a target that only the system's ssh can reach", () => {
  const cleanup = new Cleanup();
  let directory: string;
  let user: TestUser;
  let login: string;
  let host: string;
  let authority: string;
  let server: TestServer;

  const file = (name: string, ...lines: string[]): string => {
    const path = join(directory, name);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  };
  const publicText = (key: string): string =>
    readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  const address = (): string => `[127.0.0.1]:${server.port}`;
  const open = (options: Partial<Opening> = {}): Promise<Target> =>
    openTarget(cleanup, {
      port: server.port,
      user: user.name,
      identityFile: login,
      knownHosts: file('trusted', `${address()} ${publicText(host)}`),
      configLines: FOR_SSH_ITSELF,
      ...options,
    });
  const works = (target: Target): Promise<void> => worksAs(target, user.name);
  const failure = (options: Partial<Opening>): Promise<ConnectError> => connectFailure(open(options));

  beforeAll(async () => {
    directory = temporaryDirectory(cleanup);
    user = makeUser(cleanup);
    login = makeKey(directory, 'login');
    host = makeKey(directory, 'host');
    authority = makeKey(directory, 'authority');
    authorize(user, `${login}.pub`);
    server = await startSshd(cleanup, {
      hostKeys: [host],
      settings: [`TrustedUserCAKeys ${authority}.pub`],
    });
  });
  afterAll(() => cleanup.run());

  it('says by which way and why', async () => {
    const log = new Lines();
    const target = await open({ log: log.log });
    await works(target);
    expect(target.via).toBe("the system's ssh, for KexAlgorithms sntrup761x25519-sha512@openssh.com");
    expect(log.text).toContain("through the system's ssh");
  });

  it('shows a certificate that lies beside its key', async () => {
    const key = makeKey(directory, 'certified');
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', user.name, `${key}.pub`]);
    const target = await open({ identityFile: key, configLines: [] });
    await works(target);
    expect(target.via).toBe(`the system's ssh, for the certificate ${key}-cert.pub`);
  });

  it('trusts a host whose key an authority has certified', async () => {
    const certified = makeKey(directory, 'certified_host');
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
    const { port } = await startSshd(cleanup, {
      hostKeys: [certified],
      settings: [`HostCertificate ${certified}-cert.pub`],
    });
    const knownHosts = file('authorities', `@cert-authority * ${publicText(authority)}`);
    const person = new Person();
    const target = await open({ port, knownHosts, configLines: [], prompts: person });
    await works(target);
    expect(target.via).toContain('certificate authority');
    expect(person.keys).toEqual([]);
  });

  it.each(['remember', 'once'] as const)(
    'asks for an unknown host key, and takes it (%s)',
    async (answer) => {
      const knownHosts = file(`unknown_${answer}`);
      const person = new Person({ hostKey: answer });
      await works(await open({ knownHosts, prompts: person }));
      expect(person.keys).toEqual([
        {
          host: address(),
          keyType: 'ED25519',
          fingerprint: execFileSync('ssh-keygen', ['-lf', `${host}.pub`], { encoding: 'utf8' }).split(' ')[1],
        },
      ]);
      expect(readFileSync(knownHosts, 'utf8')).toBe(
        answer === 'once' ? '' : `${address()} ${publicText(host)}\n`,
      );
    },
  );

  it('is not reached when the host key is declined', async () => {
    const error = await failure({ knownHosts: file('declined'), prompts: new Person() });
    expect(error.message).toContain('not accepted');
  });

  it('is refused with a changed host key, with file and line', async () => {
    const knownHosts = file('changed', '# comment', `${address()} ${publicText(login)}`);
    const error = await failure({ knownHosts });
    expect(error.kind).toBe('hostKey');
    expect(error.message).toContain(`${knownHosts}:2`);
    expect(error.message).toContain('ephemeralHostKey');
  });

  it('takes any host key where the target says that it changes', async () => {
    const knownHosts = file('flashed', `${address()} ${publicText(login)}`);
    await works(await open({ knownHosts, ephemeralHostKey: true, prompts: new Person() }));
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${address()} ${publicText(login)}\n`);
  });

  it('asks for a passphrase until it is right', async () => {
    const locked = makeKey(directory, 'locked', 'ed25519', 'correct horse');
    authorize(user, `${locked}.pub`);
    const person = new Person({ secrets: ['wrong', 'correct horse'] });
    await works(await open({ identityFile: locked, prompts: person }));
    authorize(user, `${login}.pub`);
    expect(person.questions).toEqual([
      { kind: 'passphrase', subject: locked, attempt: 1 },
      { kind: 'passphrase', subject: locked, attempt: 2 },
    ]);
  });

  it('asks for a password until it is right, and tells nobody else', async () => {
    const log = new Lines();
    const person = new Person({ secrets: ['wrong', user.password] });
    const identityFile = makeKey(directory, 'unknown');
    const target = await open({ identityFile, prompts: person, log: log.log });
    const { stdout } = await target.run(['sh', '-c', 'ps -efww; env']);
    const subject = `${user.name}@127.0.0.1:${server.port}`;
    expect(person.questions).toEqual([
      { kind: 'password', subject, attempt: 1 },
      { kind: 'password', subject, attempt: 2 },
    ]);
    for (const text of [log.text, stdout.toString()]) {
      expect(text).not.toContain(user.password);
    }
  });

  it('says what a person gave up', async () => {
    const stranger = makeKey(directory, 'stranger');
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
    const modern = await startSshd(cleanup, {
      hostKeys: [host],
      settings: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
    });
    const knownHosts = file('modern', `[127.0.0.1]:${modern.port} ${publicText(host)}`);
    const target = await open({ port: modern.port, knownHosts, configLines: [] });
    await works(target);
    expect(target.via).toMatch(/for no .* of ssh2's/);
  });

  it('leaves neither a process nor a file behind', async () => {
    const own = await startSshd(cleanup, { hostKeys: [host] });
    const knownHosts = file('own', `[127.0.0.1]:${own.port} ${publicText(host)}`);
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
