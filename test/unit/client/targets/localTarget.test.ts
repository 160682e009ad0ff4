import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { machine, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execute } from '../../../../client/kernel/command';
import { listModules } from '../../../../client/kernel/commands';
import { KERNEL_PROBE, parseKernelFacts } from '../../../../client/kernel/kernelFacts';
import { NoModulesError } from '../../../../client/kernel/procModules';
import { probeFacts } from '../../../../client/kernel/probeFacts';
import { ChangeRefusedError, TargetLostError, TimeLimitError } from '../../../../client/targets/errors';
import { LocalConnection } from '../../../../client/targets/localConnection';
import { openLocalTarget } from '../../../../client/targets/localTarget';
import type { Target } from '../../../../client/targets/target';

let directory: string;
let target: Target;
let asked: string[];
let answer: (what: string) => Promise<boolean>;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kmod-local-'));
  asked = [];
  answer = () => Promise.resolve(true);
  target = openLocalTarget({
    name: 'this computer',
    prompts: { confirmHostKey: () => Promise.resolve(undefined), secret: () => Promise.resolve(undefined) },
    log: () => undefined,
    confirmChange: (what) => {
      asked.push(what);
      return answer(what);
    },
  });
});
afterEach(async () => {
  await target.dispose();
  rmSync(directory, { recursive: true });
});

const isRoot = process.getuid?.() === 0;

describe('this computer as a target', () => {
  it('tells what it is, and asks nobody for it', async () => {
    const facts = await execute(target, probeFacts);

    expect(facts).toMatchObject({
      release: release(),
      machine: machine(),
      root: isRoot ? 'login' : expect.any(String),
    });
    expect(facts.bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    expect(facts.kernel.modules).toBe(existsSync('/proc/modules'));
    expect(asked).toEqual([]);
  });

  it('lists the modules of its kernel, or says that it has none', async () => {
    const listing = execute(target, listModules());
    if (existsSync('/proc/modules')) {
      const names = readFileSync('/proc/modules', 'utf8').matchAll(/^\S+/gm);
      expect((await listing).map(({ name }) => name)).toEqual([...names].map(([name]) => name));
    } else {
      await expect(listing).rejects.toBeInstanceOf(NoModulesError);
    }
  });

  it('runs each word as it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0')),
          { minLength: 1, maxLength: 4 },
        ),
        async (words) => {
          const { stdout } = await target.run(['printf', '%s\\0', ...words]);
          expect(stdout.toString()).toBe(words.map((word) => `${word}\0`).join(''));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('ends a command that takes too long, and all that it started', async () => {
    const mark = `30.0${process.pid}`;
    await expect(target.run(['sh', '-c', `sleep ${mark}; true`], { timeoutMs: 300 })).rejects.toBeInstanceOf(
      TimeLimitError,
    );

    const { stdout } = await target.run([
      'sh',
      '-c',
      `cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c "[s]leep ${mark}"`,
    ]);
    expect(stdout.toString().trim()).toBe('0');
  });

  it('ends what runs there with the connection', async () => {
    const stop = new AbortController();
    const streaming = target.stream(['sh', '-c', 'echo $$; exec sleep 60'], {
      signal: stop.signal,
      onData: (chunk) => {
        pid = Number(chunk.toString());
        void target.dispose();
      },
    });
    let pid = 0;
    await expect(streaming).rejects.toBeInstanceOf(TargetLostError);
    await target.dispose();
    await expect.poll(() => existsSync(`/proc/${pid}/cwd`)).toBe(false);
    await expect(target.run(['true'])).rejects.toBeInstanceOf(TargetLostError);
  });

  it('has a terminal for what asks only there', async () => {
    const connection = new LocalConnection();
    const closed = new Promise((resolve) => connection.on('close', () => resolve(undefined)));
    const told = await new Promise<string>((resolve, reject) => {
      connection.exec('tty; echo error >&2; exit 3', { terminal: true }, (error, channel) => {
        let said = '';
        channel.on('data', (chunk) => (said += chunk.toString()));
        channel.on('exit', (code) => (said += `exit ${code}`));
        channel.on('close', () => (error === undefined ? resolve(said) : reject(error)));
      });
    });
    expect(told).toMatch(/^\/dev\/pts\/\d+\r\nerror\r\nexit 3$/);
    connection.end();
    await closed;
  });
});

describe('the first change of this computer', () => {
  const change = (name: string) =>
    target.run(['touch', join(directory, name)], { asRoot: true, what: `touch ${name}` });

  it('is asked for, and not made without a yes', async () => {
    answer = () => Promise.resolve(false);

    await expect(change('one')).rejects.toThrow(new ChangeRefusedError('touch one', 'this computer').message);
    await expect(target.upload(Buffer.from('x'), join(directory, 'two'))).rejects.toBeInstanceOf(
      ChangeRefusedError,
    );

    expect(existsSync(join(directory, 'one'))).toBe(false);
    expect(existsSync(join(directory, 'two'))).toBe(false);
    expect(asked).toEqual(['touch one', `writing ${join(directory, 'two')}`]);
  });

  it('is asked for once, also when two come at a time', async () => {
    await Promise.all([
      target.upload(Buffer.from('x'), join(directory, 'a')),
      target.upload(Buffer.from('y'), join(directory, 'b')),
    ]);
    await target.upload(Buffer.from('z'), join(directory, 'c'));

    expect(asked.length).toBe(1);
    expect(['a', 'b', 'c'].map((name) => readFileSync(join(directory, name), 'utf8'))).toEqual([
      'x',
      'y',
      'z',
    ]);
  });

  it('is none where root only reads', async () => {
    // Without root there is nobody to ask for a password here: that fails, and asks for no change either.
    await target.run(['true'], { asRoot: true, reads: true }).catch(() => undefined);
    expect(asked).toEqual([]);
  });

  it('is not made when it was cancelled meanwhile', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the test');
    answer = () => {
      controller.abort(reason);
      return Promise.resolve(true);
    };
    const path = join(directory, 'late');
    await expect(target.upload(Buffer.from('x'), path, { signal: controller.signal })).rejects.toBe(reason);
    expect(existsSync(path)).toBe(false);
  });
});

describe('what its processes can do', () => {
  it.runIf(isRoot)('is told by the kernel: a container can load no module', () => {
    const probe = ['sh', '-c', KERNEL_PROBE];
    const lines = (argv: string[]): string[] =>
      execFileSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' }).split('\n');

    expect(parseKernelFacts(lines(['setpriv', '--bounding-set', '-sys_module', ...probe])).mayLoad).toBe(
      false,
    );
    const own = BigInt(`0x${/CapBnd:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
    expect(parseKernelFacts(lines(probe)).mayLoad).toBe(((own >> 16n) & 1n) === 1n);
  });
});
