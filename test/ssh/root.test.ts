import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RootRequiredError, TimeLimitError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import { awkwardWord } from '../awkward';
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
import type { OtherMachine } from './otherMachine';
import { FOR_SSH_ITSELF, Lines, openTarget, Person, type Opening } from './opening';

/** A sudo that asks for the password, and then, as pam_userdb(8) does, once more; any answer will do. */
const ASKS_TWICE = {
  'pam.d/sudo': [
    'auth required pam_unix.so',
    'auth optional pam_userdb.so db=/nonexistent',
    'account required pam_permit.so',
    'session required pam_permit.so',
    '',
  ].join('\n'),
};

const getsEveryWord = (target: Target): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(awkwardWord, { minLength: 20, maxLength: 30 }), async (words) => {
      const { stdout } = await target.run(['printf', '%s\\0', ...words], { asRoot: true });
      expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 5 },
  );

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
    const { target } = await open(free.name);
    await getsEveryWord(target);
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

  describe('on a machine', () => {
    let directory: string;
    let key: string;
    let user: TestUser;
    let sudoer: TestUser;

    beforeAll(() => {
      directory = temporaryDirectory(cleanup);
      key = makeKey(directory, 'login');
      user = makeUser(cleanup);
      sudoer = makeUser(cleanup, 'ALL=(ALL:ALL) ALL');
      authorize(user, `${key}.pub`);
      authorize(sudoer, `${key}.pub`);
    });

    const open = async (
      name: string,
      on: OtherMachine,
      secrets: readonly string[],
      more: Partial<Opening> = {},
    ): Promise<{ target: Target; person: Person; log: Lines }> => {
      const host = makeKey(temporaryDirectory(cleanup), 'host');
      const server = await startSshd(cleanup, { hostKeys: [host], on });
      const person = new Person({ hostKey: 'once', secrets });
      const log = new Lines();
      const target = await openTarget(cleanup, {
        port: server.port,
        user: name,
        identityFile: key,
        knownHosts: join(directory, 'known_hosts'),
        prompts: person,
        log: log.log,
        ...more,
      });
      return { target, person, log };
    };
    /** All that a command has: streams apart and unharmed, stdin, exit code, every word. */
    const worksAsRoot = async (target: Target): Promise<void> => {
      const stdin = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 256));
      const result = await target.run(
        ['sh', '-c', 'cat; id -u >&2; printf "%s" "$1" >&2; exit 5', 'sh', "it's $(id)"],
        {
          asRoot: true,
          stdin,
        },
      );
      expect(result).toMatchObject({ exitCode: 5, stderr: "0\nit's $(id)" });
      expect(result.stdout.equals(stdin)).toBe(true);
      expect((await target.run(['id', '-u'], { asRoot: true })).stdout.toString()).toBe('0\n');
      await getsEveryWord(target);
    };
    const isEnded = async (target: Target): Promise<void> => {
      const run = target.run(['sh', '-c', 'sleep 3456.7; true'], { asRoot: true, timeoutMs: 1000 });
      await expect(run).rejects.toThrow(TimeLimitError);
      expect(() => runAsRoot(['pgrep', '-f', 'sleep 3456.7'])).toThrow();
    };
    const noSudo = ['/usr/bin/sudo'];

    it('with a doas that wants no password', async () => {
      const etc = { 'doas.conf': `permit nopass ${user.name} as root\n` };
      const { target, person } = await open(user.name, { etc, without: noSudo }, []);
      await worksAsRoot(target);
      await isEnded(target);
      expect(person.questions).toEqual([]);
    });

    it('with a doas that wants a password, asked once', async () => {
      const etc = { 'doas.conf': `permit ${user.name} as root\n` };
      const { target, person, log } = await open(user.name, { etc, without: noSudo }, [
        'wrong',
        user.password,
      ]);
      await worksAsRoot(target);
      await isEnded(target);
      expect(person.questions.map(({ kind, attempt }) => [kind, attempt])).toEqual([
        ['doas', 1],
        ['doas', 2],
      ]);
      expect(log.text).not.toContain(user.password);
    });

    it('with a sudo that lets nobody, a doas that does neither, and su', async () => {
      const etc = { 'doas.conf': '' };
      const rootPassword = "root's $(own)";
      const { target, person, log } = await open(user.name, { etc, rootPassword }, [
        user.password,
        'wrong',
        rootPassword,
      ]);
      await worksAsRoot(target);
      await isEnded(target);
      expect(
        person.questions.map(({ kind, subject, attempt }) => [kind, subject.split('@')[0], attempt]),
      ).toEqual([
        ['sudo', user.name, 1],
        ['su', 'root', 1],
        ['su', 'root', 2],
      ]);
      expect(log.text).not.toContain(rootPassword);
    });

    it("with su, through the system's ssh", async () => {
      const rootPassword = 'secret of root';
      const on = { rootPassword, without: [...noSudo, '/usr/bin/doas'] };
      const { target } = await open(user.name, on, [rootPassword], { configLines: FOR_SSH_ITSELF });
      await worksAsRoot(target);
      await isEnded(target);
    });

    it('with a sudo that wants a terminal', async () => {
      const etc = { [`sudoers.d/${sudoer.name}-tty`]: `Defaults:${sudoer.name} requiretty\n` };
      const { target, person } = await open(sudoer.name, { etc }, [sudoer.password]);
      await worksAsRoot(target);
      await isEnded(target);
      expect(person.questions.map(({ kind }) => kind)).toEqual(['sudo']);
    });

    it('with a sudo that asks for two passwords, each asked until it is right', async () => {
      const secrets = ['wrong', 'first code', sudoer.password, 'second code'];
      const { person, target, log } = await open(sudoer.name, { etc: ASKS_TWICE }, secrets);
      await worksAsRoot(target);
      await isEnded(target);
      expect(person.questions.map(({ kind, prompt, attempt }) => [kind, prompt, attempt])).toEqual([
        ['sudo', undefined, 1],
        ['keyboard-interactive', 'sudo wants one more password.', 1],
        ['sudo', undefined, 2],
        ['keyboard-interactive', 'sudo wants one more password.', 1],
      ]);
      expect(log.text).not.toContain(sudoer.password);
      expect(log.text).not.toContain('second code');
    });

    it('with nothing that makes root', async () => {
      const without = [...noSudo, '/usr/bin/doas', '/usr/bin/su'];
      const { target } = await open(user.name, { without }, []);
      await expect(target.run(['id'], { asRoot: true })).rejects.toThrow(/no sudo, no doas and no su/);
    });

    it('streams through a terminal, and is ended', async () => {
      const on = { rootPassword: 'secret', without: [...noSudo, '/usr/bin/doas'] };
      const { target } = await open(user.name, on, ['secret']);
      const stop = new AbortController();
      let got = '';
      const stream = target.stream(['sh', '-c', 'id -u; sleep 3456.8; true'], {
        asRoot: true,
        signal: stop.signal,
        onData: (chunk) => {
          got += chunk.toString();
          stop.abort();
        },
      });
      await expect(stream).resolves.toBeUndefined();
      expect(got).toBe('0\n');
      expect(() => runAsRoot(['pgrep', '-f', 'sleep 3456.8'])).toThrow();
    });
  });
});
