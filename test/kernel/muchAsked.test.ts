import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { followKernelLog } from '../../client/kernel/kernelLog';
import type { KernelLogRecord } from '../../client/kernel/kmsg';
import { loadModule, type LoadResult } from '../../client/kernel/loadModule';
import { LogWindow } from '../../client/kernel/logWindow';
import { unloadModule } from '../../client/kernel/unloadModule';
import { TargetLostError } from '../../client/targets/errors';
import type { ConnectedState, TargetManager } from '../../client/targets/targetManager';
import { Cleanup } from '../ssh/machine';
import { relayThatCuts } from '../ssh/wires';
import { boardOn, buildModules, never, useDirectory, useScratch } from './scratch';

/** Of two clients that race, and of loads that are cut. */
const ROUNDS = 50;

describe('a target of which much is asked', () => {
  const scratch = useScratch({ kernelArguments: ['printk.devkmsg=on'] });
  const directory = useDirectory();
  let modules: Record<string, string>;
  const managers: TargetManager[] = [];
  const perTest = new Cleanup();
  const unhandled: unknown[] = [];
  const notice = (reason: unknown): void => void unhandled.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', notice);
    modules = await buildModules(
      {
        ordinary: { init: 'return 0;' },
        other: { init: 'return 0;' },
        zeros: { init: 'return data[0];', before: 'static volatile char data[300000] = { [1] = 1 };' },
        large: {
          init: 'return data[0];',
          before: `static volatile unsigned char data[] = { 0, ${randomBytes(40_000).join()} };`,
        },
      },
      directory,
    );
  });
  afterEach(async () => {
    await Promise.all(managers.splice(0).map((manager) => manager.dispose()));
    await perTest.run();
    expect(await scratch.leftovers()).toBe('');
    expect(unhandled).toEqual([]);
  });
  afterAll(() => void process.off('unhandledRejection', notice));

  const board = async (port = scratch.target.machine.port): Promise<TargetManager> => {
    const manager = await boardOn(port);
    managers.push(manager);
    return manager;
  };
  const connected = async (): Promise<ConnectedState> => (await board()).connect('board');
  const load = ({ target, facts }: ConnectedState, name: string): Promise<LoadResult> =>
    loadModule({ target, facts, file: modules[name] ?? '', parameters: [] }, never);
  const unload = ({ target }: ConnectedState, name: string): Promise<unknown> =>
    unloadModule({ target, name }, never);
  const shell = async ({ target }: ConnectedState, text: string): Promise<string> =>
    (await target.run(['sh', '-c', text])).stdout.toString();

  it(`serves two clients at once, ${ROUNDS} rounds of ${ROUNDS}`, async () => {
    const clients = await Promise.all([connected(), connected()]);
    const rounds = clients.map(async (state, index) => {
      const name = index === 0 ? 'ordinary' : 'other';
      for (let round = 0; round < ROUNDS; round += 1) {
        expect((await load(state, name)).module.state).toBe('live');
        await unload(state, name);
      }
    });
    await Promise.all(rounds);
  });

  it(`has one winner when two clients load one module, or unload it, ${ROUNDS} rounds of ${ROUNDS}`, async () => {
    const clients = await Promise.all([connected(), connected()]);
    /** What the one is told who comes too late. */
    const told = async (race: readonly Promise<unknown>[]): Promise<string> => {
      const ends = await Promise.allSettled(race);
      const late = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []));
      expect(late.map(({ message }) => message)).toHaveLength(1);
      return late[0]?.message ?? '';
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      expect(await told(clients.map((state) => load(state, 'ordinary')))).toMatch(
        /ordinary is (already|still being) loaded/,
      );
      expect(await scratch.loaded('ordinary')).toMatchObject({ state: 'live' });
      expect(await told(clients.map((state) => unload(state, 'ordinary')))).toMatch(
        /ordinary is (not loaded|already being unloaded)/,
      );
      expect(await scratch.loaded('ordinary')).toBeUndefined();
    }
  });

  it(`gives insmod no part of a file whose load is cut at ${ROUNDS} random points`, async () => {
    /** What the kernel says of a file that is none. */
    const complaints = (): Promise<string> => scratch.shell('dmesg | grep "ELF" || true');
    await scratch.target.upload(randomBytes(0), '/tmp/part.ko');
    await scratch.shell('head -c 500 /bin/busybox >> /tmp/part.ko; insmod /tmp/part.ko; rm /tmp/part.ko');
    const ofOne = await complaints();
    expect(ofOne).not.toBe('');

    /** How much serves connections, and runs for them. */
    const serving = (): Promise<string> => scratch.shell('ps | grep -c "[d]ropbear\\|[/]bin/sh\\|[i]nsmod"');
    // The listener, and the scratch target's own connection with its shell.
    const alone = '3\n';
    await expect.poll(serving).toBe(alone);
    const wire = await relayThatCuts(perTest, scratch.target.machine.port);
    const manager = await board(wire.port);
    const points = fc.sample(
      fc.record({
        name: fc.constantFrom('ordinary', 'large'),
        again: fc.boolean(),
        point: fc.nat(60_000),
      }),
      { numRuns: ROUNDS },
    );
    let wholes = 0;
    for (const { name, again, point } of points) {
      const state = await manager.connect('board');
      if (again) {
        // From then on a small file goes with its insmod in one command.
        await load(state, name);
        await unload(state, name);
      }
      wire.cutAfter(name === 'large' ? point : point / 6);
      try {
        expect((await load(state, name)).module.state).toBe('live');
        wholes += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(TargetLostError);
        await manager.disconnect('board');
        // What was under way there may still come to its end.
        await expect.poll(serving).toBe(alone);
      }
      wire.mend();
      await scratch.shell(`rmmod ${name} 2>/dev/null; true`);
    }
    expect(wholes).toBeLessThan(ROUNDS);
    expect(await complaints()).toBe(ofOne);
    const state = await manager.connect('board');
    // The last one's server may still be about to see that its client is gone.
    await expect.poll(() => scratch.leftovers()).toBe('');
    expect((await load(state, 'ordinary')).module.state).toBe('live');
    await unload(state, 'ordinary');
  });

  it('takes a file elsewhere when /tmp is read-only', async () => {
    const state = await connected();
    expect(await shell(state, 'mount -o remount,ro /tmp && echo done')).toBe('done\n');
    expect((await load(state, 'ordinary')).module.state).toBe('live');
    await unload(state, 'ordinary');
    expect(await shell(state, 'mount -o remount,rw /tmp && echo done')).toBe('done\n');
  });

  it('says when there is no room, and leaves nothing of what did not fit', async () => {
    const state = await connected();
    expect(await shell(state, 'mount -o remount,size=64k /tmp && echo done')).toBe('done\n');
    await expect(load(state, 'zeros')).rejects.toThrow(
      /board has no room for it: .* are needed, .* are free in \/tmp/,
    );
    await shell(state, 'dd if=/dev/zero of=/tmp/full bs=1k 2>/dev/null');
    await expect(load(state, 'ordinary')).rejects.toThrow(/No space left on device/);
    expect(await scratch.leftovers()).toBe('');
    expect(await shell(state, 'rm /tmp/full; mount -o remount,size=200m /tmp && echo done')).toBe('done\n');
    expect((await load(state, 'zeros')).module.state).toBe('live');
    await unload(state, 'zeros');
    await shell(state, 'mount -o remount,size=64k /tmp; dd if=/dev/zero of=/tmp/full bs=1k 2>/dev/null');
    // Also where the file goes with its insmod in one command.
    await expect(load(state, 'ordinary')).rejects.toThrow(/No space left on device/);
    expect(await shell(state, 'rm /tmp/full; mount -o remount,size=200m /tmp && echo done')).toBe('done\n');
    expect((await load(state, 'ordinary')).module.state).toBe('live');
    await unload(state, 'ordinary');
  });

  it.each(['2038-01-01', '2001-01-01'])('does not mind that its clock jumps to %s', async (date) => {
    const manager = await board();
    const state = await manager.connect('board');
    const running = state.target.run(['sh', '-c', 'while [ ! -e /run/go ]; do sleep 0.1; done; echo went']);
    await scratch.shell(`date -s ${date}; touch /run/go`);
    expect((await running).stdout.toString()).toBe('went\n');

    const { module, kernelLog } = await loadModule(
      { ...state, file: modules['ordinary'] ?? '', parameters: [], withLog: true },
      never,
    );
    expect(module.state).toBe('live');
    expect(kernelLog).toEqual([]);
    await unload(state, 'ordinary');
    expect(manager.state('board')).toMatchObject({ kind: 'connected', activity: { kind: 'ready' } });
    await scratch.shell('rm /run/go');
  });

  it('floods 100 MB of kernel log, of which the last lines are shown, while commands run', async () => {
    const state = await connected();
    let [shown, leftOut, received] = [0, 0, 0];
    let last = '';
    const window = new LogWindow<KernelLogRecord>({
      line: ({ text }) => {
        shown += 1;
        last = text.slice(0, 40);
      },
      leftOut: (count) => {
        leftOut += count;
      },
    });
    const stop = new AbortController();
    const following = followKernelLog(state.target, {
      onRecord: (record) => {
        received += 1;
        window.take(record);
        if (record.text.includes('the flood is over')) {
          stop.abort();
        }
      },
      signal: stop.signal,
    });
    const line = 'x'.repeat(899);
    const flood = scratch.target.run(
      [
        'sh',
        '-c',
        `yes ${line} | dd of=/dev/kmsg bs=900 count=116000 iflag=fullblock 2>/dev/null && echo the flood is over > /dev/kmsg`,
      ],
      { timeoutMs: 500_000 },
    );
    expect((await state.target.run(['echo', 'beside'])).stdout.toString()).toBe('beside\n');
    expect((await flood).exitCode).toBe(0);
    await following;
    window.flush();
    expect(last).toContain('the flood is over');
    expect(shown + leftOut).toBe(received);
    await expect(state.target.run(['true'])).resolves.toMatchObject({ exitCode: 0 });
  });
});
