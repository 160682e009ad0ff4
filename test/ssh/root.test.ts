import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RootRequiredError, TimeLimitError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import {
  authorize,
  Cleanup,
  makeKey,
  makeUser,
  runAsRoot,
  startDropbear,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { Lines, openTarget, Person } from './opening';

describe.each(['OpenSSH', 'dropbear'])('a command as root on %s', (kind) => {
  const cleanup = new Cleanup();
  let directory: string;
  let key: string;
  let server: TestServer;
  let asking: TestUser;
  let free: TestUser;
  let stranger: TestUser;

  const open = async (
    user: string,
    secrets: readonly string[] = [],
  ): Promise<{ target: Target; person: Person; log: Lines }> => {
    const person = new Person({ hostKey: 'once', secrets });
    const log = new Lines();
    const target = await openTarget(cleanup, {
      port: server.port,
      user,
      identityFile: key,
      knownHosts: join(directory, 'known_hosts'),
      prompts: person,
      log: log.log,
    });
    return { target, person, log };
  };
  const uid = async (target: Target): Promise<string> =>
    (await target.run(['id', '-u'], { asRoot: true })).stdout.toString().trim();

  beforeAll(async () => {
    directory = temporaryDirectory(cleanup);
    key = makeKey(directory, 'login');
    asking = makeUser(cleanup, 'ALL=(ALL:ALL) ALL');
    free = makeUser(cleanup, 'ALL=(ALL:ALL) NOPASSWD: ALL');
    stranger = makeUser(cleanup);
    for (const user of [asking, free, stranger]) {
      authorize(user, `${key}.pub`);
    }
    server =
      kind === 'OpenSSH'
        ? await startSshd(cleanup, { hostKeys: [makeKey(directory, 'host')] })
        : await startDropbear(cleanup);
  });
  afterAll(() => cleanup.run());

  it('runs through sudo that wants no password', async () => {
    const { target, person } = await open(free.name);
    expect(await uid(target)).toBe('0');
    expect(person.questions).toEqual([]);
  });

  it('asks for the password of sudo once a connection, and never shows it', async () => {
    const { target, person, log } = await open(asking.name, [asking.password]);
    expect(await uid(target)).toBe('0');
    const stdin = Buffer.from('data\nmore data\n');
    const result = await target.run(['sh', '-c', 'cat; echo err >&2; ps -ef; env; exit 5'], {
      asRoot: true,
      stdin,
    });
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toBe('err\n');
    expect(result.stdout.subarray(0, stdin.length).equals(stdin)).toBe(true);
    expect(person.questions).toEqual([
      { kind: 'sudo', subject: `${asking.name}@127.0.0.1:${server.port}`, attempt: 1 },
    ]);
    for (const text of [log.text, result.stdout.toString(), result.stderr]) {
      expect(text).not.toContain(asking.password);
    }
  });

  it('asks again when the password was refused, and gives up after three', async () => {
    const { target, person } = await open(asking.name, ['wrong', asking.password]);
    const result = await target.run(['sh', '-c', 'echo err >&2'], { asRoot: true });
    expect(result).toMatchObject({ exitCode: 0, stderr: 'err\n' });
    expect(person.questions.map(({ attempt }) => attempt)).toEqual([1, 2]);

    const wrong = await open(asking.name, ['a', 'b', 'c', asking.password]);
    await expect(uid(wrong.target)).rejects.toThrow(/refused the password .* 3 times/);
    await expect(wrong.target.run(['true'])).resolves.toMatchObject({ exitCode: 0 });
  });

  it('is refused when no password is given', async () => {
    const { target } = await open(asking.name);
    await expect(uid(target)).rejects.toThrow(RootRequiredError);
  });

  it('is refused to who is no sudoer, in words that say so', async () => {
    const { target } = await open(stranger.name, [stranger.password]);
    await expect(uid(target)).rejects.toThrow(/not in the sudoers/);
  });

  it('gets every word unharmed', async () => {
    const words = ['', "it's", '$(id)', '`id`', 'a\\b', '-n', 'line\nline', '*'];
    const { target } = await open(free.name);
    const { stdout } = await target.run(['printf', '%s\\0', ...words], { asRoot: true });
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words);
  });

  it('is ended at its limit though its login could not signal it', async () => {
    for (const user of [free, asking]) {
      const { target } = await open(user.name, [asking.password]);
      const run = target.run(['sh', '-c', 'sleep 2345.6; true'], { asRoot: true, timeoutMs: 500 });
      await expect(run).rejects.toThrow(TimeLimitError);
      expect(() => runAsRoot(['pgrep', '-f', 'sleep 2345.6'])).toThrow();
      await expect(uid(target)).resolves.toBe('0');
    }
  });

  it('streams as root, and is ended', async () => {
    const { target } = await open(asking.name, [asking.password]);
    const stop = new AbortController();
    let got = '';
    const stream = target.stream(['sh', '-c', 'id -u; sleep 2345.7; true'], {
      asRoot: true,
      signal: stop.signal,
      onData: (chunk) => {
        got += chunk.toString();
        stop.abort();
      },
    });
    await expect(stream).resolves.toBeUndefined();
    expect(got).toBe('0\n');
    expect(() => runAsRoot(['pgrep', '-f', 'sleep 2345.7'])).toThrow();
  });
});

describe('a command as root', () => {
  const cleanup = new Cleanup();
  afterAll(() => cleanup.run());

  it('needs no sudo when the login is root itself', async () => {
    const directory = temporaryDirectory(cleanup);
    const key = makeKey(directory, 'login');
    const server = await startSshd(cleanup, {
      hostKeys: [makeKey(directory, 'host')],
      settings: [`AuthorizedKeysFile ${key}.pub`, 'PermitRootLogin prohibit-password'],
    });
    const log = new Lines();
    const target = await openTarget(cleanup, {
      port: server.port,
      user: 'root',
      identityFile: key,
      knownHosts: join(directory, 'known_hosts'),
      log: log.log,
    });
    const { stdout } = await target.run(['sh', '-c', 'id -u; ps -o comm= -p "$PPID"'], { asRoot: true });
    // The shell that stays, and no sudo between it and the command.
    expect(stdout.toString()).toBe('0\nsh\n');
  });
});
