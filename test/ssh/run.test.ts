import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutputLimitError, TargetLostError, TimeLimitError, UploadError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import { awkwardName, awkwardWord } from '../awkward';
import {
  authorize,
  Cleanup,
  descendants,
  makeKey,
  makeUser,
  runAsRoot,
  startDropbear,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { FOR_SSH_ITSELF, Lines, openTarget } from './opening';

/** Every character that a shell could take for its own. */
const AWKWARD = [
  '',
  '-n',
  '--',
  ' ',
  "it's",
  '"quoted"',
  '$(touch /tmp/executed)',
  '`touch /tmp/executed`',
  '$HOME ${HOME} $$',
  'a\\b\\\\c',
  'line\nline\n',
  '\ttab\r',
  '*?[a-z]~{a,b}',
  ';|&<>()#!%^=',
  'münchen ☃ \u{1f427}',
  '\x01\x7f',
];

/** Whether it serves a connection still: what has ended meanwhile does not. */
const isServer = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && /\((sshd|dropbear)\)/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

describe.each(['OpenSSH', 'dropbear', "OpenSSH through the system's ssh"])('a command on %s', (kind) => {
  const cleanup = new Cleanup();
  let directory: string;
  let key: string;
  let user: TestUser;
  let server: TestServer;
  let target: Target;
  const log = new Lines();

  const open = (): Promise<Target> =>
    openTarget(cleanup, {
      port: server.port,
      user: user.name,
      identityFile: key,
      knownHosts: join(directory, 'known_hosts'),
      log: log.log,
      ...(kind.includes('through') ? { configLines: FOR_SSH_ITSELF } : {}),
    });
  /** The pids of what the user runs under this name. */
  const running = (word: string): string[] => {
    try {
      return runAsRoot(['pgrep', '-f', '-u', user.name, word]).trim().split('\n');
    } catch {
      return [];
    }
  };
  const untilRunning = async (word: string): Promise<void> => {
    while (running(word).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  /** Kills what serves the connections that came after `others`, and not what runs there. */
  const killServersOf = (others: ReadonlySet<number>): void => {
    const servers = descendants(server.pid).filter((pid) => !others.has(pid) && isServer(pid));
    runAsRoot(['kill', '-KILL', ...servers.map(String)]);
  };
  const holds = async (path: string): Promise<boolean> =>
    (await target.run(['test', '-s', path])).exitCode === 0;

  beforeAll(async () => {
    directory = temporaryDirectory(cleanup);
    key = makeKey(directory, 'login');
    user = makeUser(cleanup);
    authorize(user, `${key}.pub`);
    server =
      kind !== 'dropbear'
        ? await startSshd(cleanup, { hostKeys: [makeKey(directory, 'host')] })
        : await startDropbear(cleanup);
    target = await open();
  });
  afterAll(() => cleanup.run());

  it('gives its exit code, stdout and stderr apart', async () => {
    const result = await target.run(['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect({ ...result, stdout: result.stdout.toString() }).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('tells the signal that ended it', async () => {
    const result = await target.run(['sh', '-c', 'kill -SEGV $$']);
    expect(result).toMatchObject({ exitCode: undefined, signal: 'SEGV' });
  });

  it('is not found as a shell says it', async () => {
    const result = await target.run(['no-such-program']);
    expect(result.exitCode).toBe(127);
    expect(result.stderr).toContain('no-such-program');
  });

  it('gets every word of its argv unharmed', async () => {
    const { stdout } = await target.run(['printf', '%s\\0', ...AWKWARD]);
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(AWKWARD);
    expect(existsSync('/tmp/executed')).toBe(false);
  });

  it('gets every word of any argv unharmed, and writes to a file of any name', async () => {
    const words = fc.array(awkwardWord, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(words, awkwardName, async (argv, name) => {
        const { stdout } = await target.run(['printf', '%s\\0', ...argv]);
        expect(stdout.toString().split('\0').slice(0, -1)).toEqual(argv);

        const path = `${user.home}/${name}`;
        await target.upload(Buffer.from(name), path);
        // readdir() of what is no UTF-8 would not find it, and there is none such here.
        expect(readFileSync(path, 'utf8')).toBe(name);
        await target.run(['rm', '--', path]);
        expect(existsSync(path)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('with a NUL in its argv is refused before anything is sent', async () => {
    await expect(target.run(['echo', 'a\0b'])).rejects.toThrow(RangeError);
  });

  it('gets its stdin as data', async () => {
    const data = randomBytes(300_000);
    const { stdout } = await target.run(['cat'], { stdin: data });
    expect(stdout.equals(data)).toBe(true);
  });

  it('gives megabytes of any bytes as they are', async () => {
    const file = join(directory, 'bytes');
    const data = randomBytes(5_000_000);
    writeFileSync(file, data);
    const { stdout } = await target.run(['cat', file]);
    expect(stdout.equals(data)).toBe(true);
  });

  it('runs on one shell that stays', async () => {
    const parent = async (): Promise<string> =>
      (await target.run(['sh', '-c', 'echo $PPID'])).stdout.toString();
    expect(await parent()).toBe(await parent());
  });

  it('runs on another shell when that one was killed', async () => {
    const { stdout } = await target.run(['sh', '-c', 'echo $PPID']);
    const shell = stdout.toString().trim();
    runAsRoot(['kill', '-KILL', shell]);
    await expect.poll(() => existsSync(`/proc/${shell}`)).toBe(false);
    // A channel of its own, which the server opens after it has told the end of the other.
    await target.stream(['true'], { signal: new AbortController().signal, onData: () => undefined });
    await expect(target.run(['echo', 'still there'])).resolves.toMatchObject({ exitCode: 0 });
  });

  it('gets nothing of what an earlier one left running prints', async () => {
    await target.run(['sh', '-c', '(sleep 0.2; echo late; echo late >&2) &']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { stdout, stderr } = await target.run(['echo', 'own']);
    expect(stdout.toString() + stderr).toBe('own\n');
  });

  it('gets nothing of what woke the way there right before it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const text = `${round}\n`.repeat(round);
      target.wake?.();
      const first = target.run(['printf', '%s', text]);
      target.wake?.();
      const [one, other] = await Promise.all([first, target.run(['cat'], { stdin: Buffer.from(text) })]);
      expect([one, other].map(({ stdout }) => stdout.toString())).toEqual([text, text]);
    }
  });

  it('meets the end of stdin when there is none', async () => {
    await expect(target.run(['cat'])).resolves.toMatchObject({ exitCode: 0 });
  });

  it('runs in the order of the calls, 200 in a burst', async () => {
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        target.run(['sh', '-c', `echo ${index} | tee -a "$1"`, 'sh', `${user.home}/order`]),
      ),
    );
    expect(results.map(({ exitCode, stdout }) => [exitCode, Number(stdout)])).toEqual(
      results.map((_, index) => [0, index]),
    );
    const { stdout } = await target.run(['cat', `${user.home}/order`]);
    expect(stdout.toString().trim().split('\n').map(Number)).toEqual(results.map((_, index) => index));
  });

  it('and 200 in a burst with uploads among them, beside a stream, all work', async () => {
    const stop = new AbortController();
    let ticks = 0;
    const stream = target.stream(['sh', '-c', 'while echo tick; do sleep 0.01; done'], {
      signal: stop.signal,
      onData: () => {
        ticks += 1;
      },
    });
    // More than goes with a command: it has a channel of its own.
    const data = randomBytes(50_000);
    const results = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const path = `${user.home}/burst${index}`;
        if (index % 10 === 0) {
          await target.upload(data, path);
          return readFileSync(path).equals(data);
        }
        return (await target.run(['echo', path])).stdout.toString() === `${path}\n`;
      }),
    );
    expect(results).toEqual(results.map(() => true));
    const before = ticks;
    await expect.poll(() => ticks).toBeGreaterThan(before);
    stop.abort();
    await expect(stream).resolves.toBeUndefined();
  });

  it('past its time limit is ended, and what it started too', async () => {
    await expect(target.run(['sh', '-c', 'sleep 1234.5; echo next'], { timeoutMs: 300 })).rejects.toThrow(
      TimeLimitError,
    );
    expect(running('1234.5')).toEqual([]);
    await expect(target.run(['true'])).resolves.toMatchObject({ exitCode: 0 });
  });

  it('that ignores TERM is killed', async () => {
    await expect(
      target.run(['sh', '-c', 'trap "" TERM; while :; do sleep 0.1234; done'], { timeoutMs: 300 }),
    ).rejects.toThrow(TimeLimitError);
    expect(running('while :; do sleep 0.1234')).toEqual([]);
  });

  it('past its output limit is ended', async () => {
    await expect(target.run(['yes', 'flood-1234'], { maxOutputBytes: 100_000 })).rejects.toThrow(
      OutputLimitError,
    );
    expect(running('flood-1234')).toEqual([]);
    await expect(target.run(['sh', '-c', 'yes flood-1234 >&2'], { maxOutputBytes: 100_000 })).rejects.toThrow(
      OutputLimitError,
    );
    expect(running('flood-1234')).toEqual([]);
  });

  it('is ended when it is cancelled', async () => {
    const cancel = new AbortController();
    const run = target.run(['sleep', '1234.6'], { signal: cancel.signal });
    const rejected = expect(run).rejects.toThrow('enough');
    await untilRunning('1234.6');
    cancel.abort(new Error('enough'));
    await rejected;
    expect(running('1234.6')).toEqual([]);
  });

  it('that is cancelled before its turn never runs', async () => {
    const cancel = new AbortController();
    const first = target.run(['sleep', '0.3']);
    const second = target.run(['touch', `${user.home}/ran`], { signal: cancel.signal });
    cancel.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await first;
    await expect(target.run(['test', '-e', `${user.home}/ran`])).resolves.toMatchObject({ exitCode: 1 });
  });

  it('streams beside other commands until its signal', async () => {
    const stop = new AbortController();
    const got: Buffer[] = [];
    const stream = target.stream(['sh', '-c', 'while echo tick; do sleep 0.05; done'], {
      signal: stop.signal,
      onData: (chunk) => got.push(chunk),
    });
    const results = await Promise.all(Array.from({ length: 10 }, () => target.run(['echo', 'beside'])));
    expect(results.every(({ exitCode }) => exitCode === 0)).toBe(true);
    await expect.poll(() => got.length).toBeGreaterThan(0);
    stop.abort();
    await expect(stream).resolves.toBeUndefined();
    expect(Buffer.concat(got).toString()).toMatch(/^(tick\n)+$/);
    expect(running('echo tick')).toEqual([]);
  });

  it('streams until it exits by itself', async () => {
    const got: Buffer[] = [];
    const { signal } = new AbortController();
    const result = await target.stream(['sh', '-c', 'echo one; echo why >&2; exit 3'], {
      signal,
      onData: (chunk) => got.push(chunk),
    });
    expect(result).toMatchObject({ exitCode: 3, stderr: 'why\n' });
    expect(Buffer.concat(got).toString()).toBe('one\n');
  });

  it('uploads a new file for its owner alone', async () => {
    const data = randomBytes(500_001);
    const path = `${user.home}/a module's "name".ko`;
    await target.upload(data, path);
    const { stdout } = await target.run(['cat', path]);
    expect(stdout.equals(data)).toBe(true);
    const mode = await target.run(['stat', '-c', '%a', path]);
    expect(mode.stdout.toString()).toBe('600\n');
  });

  it('uploads an empty file', async () => {
    await target.upload(new Uint8Array(), `${user.home}/empty`);
    expect((await target.run(['wc', '-c', `${user.home}/empty`])).stdout.toString()).toMatch(/^0 /);
  });

  it('does not upload over a file that is there, and leaves it alone', async () => {
    const path = `${user.home}/theirs`;
    await target.run(['sh', '-c', 'echo theirs > "$1"', 'sh', path]);
    await expect(target.upload(Buffer.from('mine'), path)).rejects.toThrow(UploadError);
    expect((await target.run(['cat', path])).stdout.toString()).toBe('theirs\n');
  });

  it('leaves nothing of an upload to a full disk', async () => {
    await expect(target.upload(Buffer.from('data'), '/dev/full/no')).rejects.toThrow(UploadError);
    const small = join(user.home, 'small');
    runAsRoot(['install', '-d', '-o', user.name, small]);
    runAsRoot(['mount', '-t', 'tmpfs', '-o', 'size=64k,mode=777', 'small', small]);
    try {
      const upload = target.upload(randomBytes(200_000), `${small}/module.ko`);
      await expect(upload).rejects.toThrow(/No space left/);
      expect(readdirSync(small)).toEqual([]);
    } finally {
      runAsRoot(['umount', small]);
    }
  });

  it('leaves nothing of an upload that is cancelled', async () => {
    const cancel = new AbortController();
    const path = `${user.home}/cancelled.ko`;
    const upload = target.upload(randomBytes(40_000_000), path, { signal: cancel.signal });
    const rejected = expect(upload).rejects.toThrow('enough');
    await untilRunning('cancelled.ko');
    cancel.abort(new Error('enough'));
    await rejected;
    expect(running('cancelled.ko')).toEqual([]);
    await expect(target.run(['test', '-e', path])).resolves.toMatchObject({ exitCode: 1 });
  });

  it('is lost, not done, when its server dies', async () => {
    const others = new Set(descendants(server.pid));
    const victim = await open();
    const run = victim.run(['sleep', '1234.7']);
    const queued = victim.run(['true']);
    const rejected = Promise.all([
      expect(run).rejects.toThrow(TargetLostError),
      expect(queued).rejects.toThrow(TargetLostError),
    ]);
    await untilRunning('1234.7');
    killServersOf(others);
    await rejected;
    expect(victim.lost.aborted).toBe(true);
    expect(victim.lost.reason).toBeInstanceOf(TargetLostError);
    await expect(victim.run(['true'])).rejects.toThrow(TargetLostError);
    await expect(victim.upload(Buffer.from('x'), `${user.home}/x`)).rejects.toThrow(TargetLostError);
    runAsRoot(['pkill', '-f', '-u', user.name, '1234.7']);
  });

  it('leaves nothing of an upload when the connection is cut', async () => {
    const others = new Set(descendants(server.pid));
    const victim = await open();
    const path = `${user.home}/cut.ko`;
    const upload = victim.upload(randomBytes(100_000_000), path);
    const rejected = expect(upload).rejects.toThrow(TargetLostError);
    while (!(await holds(path))) {
      // Until the first bytes are there.
    }
    killServersOf(others);
    await rejected;
    while (running('cut.ko').length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await holds(path)).toBe(false);
  });

  it('is ended when the target is disposed of', async () => {
    const other = await open();
    const run = other.run(['sleep', '1234.8']);
    const rejected = expect(run).rejects.toThrow(TargetLostError);
    await untilRunning('1234.8');
    await other.dispose();
    await rejected;
    expect(running('1234.8')).toEqual([]);
    expect(other.lost.aborted).toBe(true);
  });

  it('is logged with its argv, exit code and stderr, but not its stdin', async () => {
    await target.run(['sh', '-c', 'cat > /dev/null; echo said >&2; exit 5'], {
      stdin: Buffer.from('hidden'),
    });
    expect(log.text).toMatch(/'exit 5'|exit 5'.*exit code 5, \d+ ms\nsaid/);
    expect(log.text).not.toContain('hidden');
  });
});
