import { describe, expect, it, vi } from 'vitest';
import { posixChecksum } from '../../../../client/targets/checksum';
import { ModuleMonitor } from '../../../../client/kernel/moduleMonitor';
import type { RunResult, Target } from '../../../../client/targets/target';

const LINE = 'hello 16384 0 - Live 0x0000000000000000 (OE)\n';

/** A target that answers by the first word of a command, and counts. */
function fakeTarget(answer: (argv: readonly string[]) => string | Error): Target & { runs: string[][] } {
  const runs: string[][] = [];
  return {
    name: 'fake',
    lost: new AbortController().signal,
    runs,
    run: (argv): Promise<RunResult> => {
      runs.push([...argv]);
      const text = answer(argv);
      return text instanceof Error
        ? Promise.reject(text)
        : Promise.resolve({ exitCode: 0, stdout: Buffer.from(text), stderr: '' });
    },
    upload: () => Promise.reject(new Error('nothing is uploaded here')),
    stream: () => Promise.reject(new Error('nothing is streamed here')),
    dispose: () => Promise.resolve(),
  };
}

describe('ModuleMonitor', () => {
  it('tells what the kernel listed', async () => {
    const target = fakeTarget(() => LINE);
    const monitor = new ModuleMonitor(
      () => target,
      () => new Set(),
    );
    await monitor.refresh();
    expect(monitor.snapshot?.modules.map(({ name }) => name)).toEqual(['hello']);
    expect(monitor.snapshot?.target).toBe(target);
  });

  it('asks for build-ids of own modules only', async () => {
    const target = fakeTarget((argv) => (argv[0] === 'cat' ? `${LINE}virtio_net 1 0 - Live 0x0\n` : ''));
    const monitor = new ModuleMonitor(
      () => target,
      () => new Set(['hello', 'not_loaded']),
    );
    await monitor.refresh();
    expect(target.runs).toHaveLength(2);
    expect(target.runs[1]).toContain('hello');
    expect(target.runs[1]).not.toContain('virtio_net');
    expect(target.runs[1]).not.toContain('not_loaded');
  });

  it('says nothing while nobody is connected, however often it is asked', async () => {
    let target: Target | undefined = fakeTarget(() => LINE);
    const monitor = new ModuleMonitor(
      () => target,
      () => new Set(),
    );
    const changed = vi.fn();
    monitor.onDidChange(changed);
    await monitor.refresh();
    target = undefined;
    for (let index = 0; index < 3; index++) await monitor.refresh();
    // The list, and that it is gone.
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('tells a failure instead of an old list', async () => {
    let fail = false;
    const target = fakeTarget(() => (fail ? new Error('gone') : LINE));
    const monitor = new ModuleMonitor(
      () => target,
      () => new Set(),
    );
    await monitor.refresh();
    fail = true;
    await monitor.refresh();
    expect(monitor.snapshot).toBeUndefined();
    expect(monitor.error?.message).toBe('gone');
  });

  it('shows nothing of another target while the one that is connected now has not answered', async () => {
    let connected: Target = fakeTarget(() => LINE);
    const monitor = new ModuleMonitor(
      () => connected,
      () => new Set(),
    );
    await monitor.refresh();
    let answer = (): void => undefined;
    const slow = fakeTarget(() => LINE);
    connected = {
      ...slow,
      run: async (argv) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return slow.run(argv);
      },
    };
    const refreshed = monitor.refresh();
    await expect.poll(() => monitor.snapshot).toBeUndefined();
    answer();
    await refreshed;
    expect(monitor.snapshot?.target).toBe(connected);
  });

  it('drops the answer of a target that is no more the connected one', async () => {
    let connected: Target | undefined = fakeTarget(() => LINE);
    const monitor = new ModuleMonitor(
      () => connected,
      () => new Set(),
    );
    const reading = monitor.refresh();
    connected = undefined;
    await reading;
    expect(monitor.snapshot).toBeUndefined();
  });

  it('reads once more when asked during a read, however often', async () => {
    const target = fakeTarget(() => LINE);
    const monitor = new ModuleMonitor(
      () => target,
      () => new Set(),
    );
    await Promise.all([monitor.refresh(), monitor.refresh(), monitor.refresh()]);
    expect(target.runs.map(([program]) => program)).toEqual(['cat', 'cksum', 'cat']);
  });
});

describe('ModuleMonitor that looks again', () => {
  const NOTE = '/sys/module/hello/notes/.note.gnu.build-id';
  const COUNT = '/sys/module/hello/parameters/count';
  const crc = (text: string): string => `${posixChecksum(Buffer.from(text))} ${text.length}`;
  /** A target that counts its answers; `text` and `note` are what its files hold. */
  const target = (files: { text: string; note: string; count?: string }) =>
    fakeTarget(([program, ...words]) => {
      if (program === 'cksum') {
        const held = (file: string): string =>
          file === NOTE ? files.note : file === COUNT ? `${files.count}\n` : files.text;
        return words.map((file) => `${crc(held(file))} ${file}\n`).join('');
      }
      return program === 'cat'
        ? files.text
        : files.count === undefined
          ? ''
          : `count\0-rw-r--r--\0+${files.count}\n\0secret\0--w-------\0-\0`;
    });
  const programs = ({ runs }: { runs: string[][] }): (string | undefined)[] =>
    runs.map(([program]) => program);

  it('asks for a checksum, and for nothing more while nothing changes', async () => {
    const files = { text: LINE, note: 'a' };
    const fake = target(files);
    const monitor = new ModuleMonitor(
      () => fake,
      () => new Set(),
    );
    let told = 0;
    monitor.onDidChange(() => (told += 1));
    await monitor.refresh();
    await monitor.refresh();
    await monitor.refresh();
    expect(programs(fake)).toEqual(['cat', 'cksum', 'cksum']);
    expect(told).toBe(1);
    files.text += 'other 1 0 - Live 0x0\n';
    await monitor.refresh();
    expect(programs(fake).slice(3)).toEqual(['cksum', 'cat']);
    expect(monitor.snapshot?.modules).toHaveLength(2);
  });

  it('reads build-ids again where their checksums changed though the list did not', async () => {
    const files = { text: LINE, note: 'a' };
    const fake = target(files);
    const monitor = new ModuleMonitor(
      () => fake,
      () => new Set(['hello']),
    );
    await monitor.refresh();
    await monitor.refresh();
    await monitor.refresh();
    expect(programs(fake)).toEqual(['cat', 'sh', 'cksum', 'sh', 'cksum']);
    files.note = 'b';
    await monitor.refresh();
    expect(programs(fake).slice(5)).toEqual(['cksum', 'sh']);
  });

  it('reads parameters that somebody sees again when one has another value, and not before', async () => {
    const files = { text: LINE, note: 'a', count: '3' };
    const fake = target(files);
    const monitor = new ModuleMonitor(
      () => fake,
      () => new Set(),
    );
    let told = 0;
    monitor.onDidChange(() => (told += 1));
    await monitor.refresh();
    const values = await Promise.all([monitor.parameters('hello'), monitor.parameters('hello')]);
    expect(values[0]).toEqual([
      { name: 'count', value: '3', mode: 0o644 },
      { name: 'secret', value: undefined, mode: 0o200 },
    ]);
    await monitor.refresh();
    await monitor.refresh();
    expect(await monitor.parameters('hello')).toBe(values[0]);
    expect(programs(fake)).toEqual(['cat', 'sh', 'cksum', 'cksum']);
    expect(told).toBe(1);
    files.count = '4';
    await monitor.refresh();
    expect(told).toBe(2);
    expect((await monitor.parameters('hello'))[0]).toMatchObject({ value: '4' });
    expect(programs(fake).slice(4)).toEqual(['cksum', 'sh']);
  });

  it('asks for no checksum after something was done to the modules', async () => {
    const fake = target({ text: LINE, note: 'a' });
    const monitor = new ModuleMonitor(
      () => fake,
      () => new Set(),
    );
    await monitor.refresh();
    await monitor.refreshChanged();
    expect(programs(fake)).toEqual(['cat', 'cat']);
  });
});
