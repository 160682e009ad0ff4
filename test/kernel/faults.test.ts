import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { followKernelLog } from '../../client/kernel/kernelLog';
import { readPstore } from '../../client/kernel/pstore';
import { loadModule, type LoadResult } from '../../client/kernel/loadModule';
import { PendingWork } from '../../client/kernel/pendingWork';
import { reboot } from '../../client/kernel/rebootTarget';
import { unloadModule } from '../../client/kernel/unloadModule';
import { TargetLostError } from '../../client/targets/errors';
import type { SshOptions } from '../../client/targets/sshTarget';
import type { ScratchTarget } from '../../client/targets/scratchTarget';
import type { ConnectedState, TargetManager } from '../../client/targets/targetManager';
import { boardOn, buildModules, LEFTOVERS, never, openScratch, useDirectory, whenBoard } from './scratch';

/** A dead target is told soon, and a guest that is short of time is none. */
const LIMITS = { keepaliveMs: 1000, answerMs: 10_000 };

const directory = useDirectory();
let modules: Record<string, string>;
let machine: ScratchTarget;
const managers: TargetManager[] = [];
const unhandled: unknown[] = [];
const notice = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', notice);
  modules = await buildModules(
    {
      sleeper: { init: 'msleep(600000); return 0;' },
      looper: { init: 'for (;;) cpu_relax(); return 0;' },
      ordinary: { init: 'return 0;' },
      stuck: { init: 'return 0;', exit: 'msleep(600000);' },
    },
    directory,
  );
});
afterEach(async () => {
  // A machine that stands still answers no farewell.
  if (machine !== undefined) {
    signal('SIGCONT');
  }
  await Promise.all(managers.splice(0).map((manager) => manager.dispose()));
  expect(unhandled).toEqual([]);
});
afterAll(async () => {
  process.off('unhandledRejection', notice);
  await machine.dispose();
});

const start = async (): Promise<void> => {
  await machine?.dispose();
  // It reboots as a board does; a scratch kernel would be gone.
  machine = await openScratch({
    kernelArguments: [
      'panic=1',
      'printk.devkmsg=on',
      'ramoops.mem_address=0x18000000',
      'ramoops.mem_size=0x100000',
      'ramoops.record_size=0x20000',
      'ramoops.ecc=1',
      'memmap=1M$0x18000000',
    ],
    qemuArguments: ['-action', 'reboot=reset'],
  });
};
const signal = (name: NodeJS.Signals): void => {
  try {
    process.kill(machine.machine.pid, name);
  } catch {
    // It has ended.
  }
};
/** How many TCP connections to its SSH port are open (proc_net(5)). */
const connections = (): number => {
  const port = machine.machine.port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'latin1').split(`0100007F:${port} 01 `).length - 1;
};
const board = async (limits: SshOptions['limits'] = LIMITS): Promise<TargetManager> => {
  const manager = await boardOn(machine.machine.port, { limits });
  managers.push(manager);
  return manager;
};
const connected = async (limits = LIMITS): Promise<{ manager: TargetManager; state: ConnectedState }> => {
  const manager = await board(limits);
  return { manager, state: await manager.connect('board') };
};
const load = ({ target, facts }: ConnectedState, name: string): Promise<LoadResult> =>
  loadModule({ target, facts, file: modules[name] ?? '', parameters: [] }, never);
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
const shell = async ({ target }: ConnectedState, text: string): Promise<string> =>
  (await target.run(['sh', '-c', text])).stdout.toString();

const UNDER_WAY = `
echo log follows > /dev/kmsg
test -s /tmp/vscode-kmod-big.ko && dmesg | grep -q 'insmod sleeper' && dmesg | grep -q 'rmmod stuck'`;

/** One connection for each thing that may be under way; each promise fails with what became of it. */
async function everythingUnderWay() {
  const [uploading, loading, unloading, streaming] = await Promise.all([
    connected(),
    connected(),
    connected(),
    connected(),
  ]);
  await load(unloading.state, 'stuck');
  let heard = false;
  const onRecord = ({ text }: { text: string }): void => {
    heard ||= text.includes('log follows');
  };
  const outcomes = {
    insmod: failureOf(load(loading.state, 'sleeper')),
    rmmod: failureOf(unloadModule({ target: unloading.state.target, name: 'stuck' }, never)),
    log: failureOf(followKernelLog(streaming.state.target, { onRecord, signal: never })),
    upload: failureOf(uploading.state.target.upload(randomBytes(60_000_000), '/tmp/vscode-kmod-big.ko')),
  };
  // On a busy machine the guest's one processor is the upload's. Workflows write a mark right before they run a tool.
  const isUnderWay = ['sh', '-c', UNDER_WAY];
  while ((await machine.run(isUnderWay, { timeoutMs: 120_000 })).exitCode !== 0 || !heard) {
    // Until all four have begun.
  }
  return {
    outcomes,
    managers: [uploading, loading, unloading, streaming].map(({ manager }) => manager),
    loading: loading.manager,
  };
}

describe('a machine that stands still', () => {
  beforeAll(start);

  it('is told to be silent, and is ready again when it goes on in time', async () => {
    const { manager, state } = await connected({ ...LIMITS, keepaliveMs: 2000 });
    const run = state.target.run(['echo', 'late']);
    signal('SIGSTOP');
    await whenBoard(manager, 'connected', ({ activity }) => activity.kind === 'unresponsive');
    signal('SIGCONT');
    expect((await run).stdout.toString()).toBe('late\n');
    await whenBoard(manager, 'connected', ({ activity }) => activity.kind === 'ready');
  });

  it('says what it is busy with', async () => {
    const { manager, state } = await connected();
    const run = state.target.run(['sleep', '1.5'], { what: 'a nap' });
    const busy = await whenBoard(manager, 'connected', ({ activity }) => activity.kind === 'busy');
    expect(busy.activity).toEqual({ kind: 'busy', doing: 'a nap' });
    await run;
    await whenBoard(manager, 'connected', ({ activity }) => activity.kind === 'ready');
  });

  it('loses a connection that is being made within its limits', async () => {
    const manager = await board({ answerMs: 1000 });
    signal('SIGSTOP');
    await expect(manager.connect('board')).rejects.toThrow(/no answer within 1 s/);
    expect(manager.state('board').kind).toBe('failed');
    signal('SIGCONT');
    expect((await connected()).state.kind).toBe('connected');
  });

  it('loses an upload, insmod, rmmod and a log, and tells what is loaded once it goes on', async () => {
    const { outcomes, managers: all, loading } = await everythingUnderWay();
    const pending = new PendingWork();
    pending.add('board', 'sleeper');
    pending.add('board', 'ordinary');

    signal('SIGSTOP');
    for (const outcome of Object.values(outcomes)) {
      expect(await outcome).toBeInstanceOf(TargetLostError);
    }
    await Promise.all(all.map((manager) => whenBoard(manager, 'lost')));
    signal('SIGCONT');

    const states = await Promise.all(all.map((manager) => whenBoard(manager, 'connected')));
    expect(states.map(({ returned }) => returned?.rebooted)).toEqual([false, false, false, false]);
    await expect(pending.settle('board', await whenBoard(loading, 'connected'))).resolves.toBe(
      'The kernel says that sleeper is loading. The kernel says that ordinary is not loaded.',
    );
    const [state] = states;
    if (state !== undefined) {
      await expect.poll(() => shell(state, LEFTOVERS)).toBe('');
      expect((await load(state, 'ordinary')).module.state).toBe('live');
      await unloadModule({ target: state.target, name: 'ordinary' }, never);
    }
  });
});

describe('a machine that restarts', () => {
  beforeAll(start);

  it('by a panic is lost, and back as another boot', async () => {
    const { manager, state } = await connected();
    await load(state, 'ordinary');
    const pending = new PendingWork();
    pending.add('board', 'ordinary');
    await shell(state, 'modprobe ramoops');
    await failureOf(shell(state, 'echo c > /proc/sysrq-trigger'));

    const back = await whenBoard(manager, 'connected', ({ target }) => target !== state.target);

    expect(back.returned?.rebooted).toBe(true);
    expect(back.facts.bootId).not.toBe(state.facts.bootId);
    await expect(pending.settle('board', back)).resolves.toContain('ordinary is not loaded');
    expect((await load(back, 'ordinary')).module.state).toBe('live');
    await shell(back, 'modprobe ramoops');
    expect(await execute(back.target, readPstore)).toContain('sysrq: Trigger a crash');
  });

  it('because a person said so is rebooting until it is back', async () => {
    const { manager, state } = await connected();
    const kinds = new Set<string>();
    manager.onDidChange(() => kinds.add(manager.state('board').kind));

    await manager.reboot('board', ({ target }) => execute(target, reboot));

    expect(manager.state('board').kind).toBe('rebooting');
    const back = await whenBoard(manager, 'connected', ({ target }) => target !== state.target);
    expect(back.returned?.rebooted).toBe(true);
    expect(kinds).toEqual(new Set(['connected', 'rebooting']));
  });
});

describe('a machine that is gone', () => {
  beforeAll(start);

  it('is lost in the midst of anything, and tried until a person stops it', async () => {
    const { outcomes, managers: all } = await everythingUnderWay();
    const late = await board();
    // So that it ends in the midst of a login too.
    signal('SIGSTOP');
    const before = connections();
    const connecting = failureOf(late.connect('board'));
    await expect.poll(connections).toBe(before + 1);
    signal('SIGKILL');
    expect(await connecting).toMatchObject({
      name: 'ConnectError',
      message: expect.stringMatching(
        /the connection (was closed before an SSH server answered|broke while logging in)/,
      ),
    });
    expect(late.state('board').kind).toBe('failed');
    for (const outcome of Object.values(outcomes)) {
      expect(await outcome).toBeInstanceOf(TargetLostError);
    }
    for (const manager of all) {
      const { retry } = await whenBoard(manager, 'lost', (lost) => (lost.retry?.attempt ?? 0) > 1);
      expect(retry?.failure?.message).toMatch(/connection refused/);
      await manager.disconnect('board');
      expect(manager.state('board').kind).toBe('disconnected');
    }
  });
});

describe('a panic after which the machine stands still', () => {
  beforeAll(start);

  it('is a lost target, which is tried again and does not answer', async () => {
    const { manager, state } = await connected();
    await failureOf(shell(state, 'echo 0 > /proc/sys/kernel/panic; echo c > /proc/sysrq-trigger'));
    expect(await whenBoard(manager, 'lost')).toMatchObject({ error: { name: 'TargetLostError' } });
    const { retry } = await whenBoard(manager, 'lost', (lost) => (lost.retry?.attempt ?? 0) > 1);
    expect(retry?.failure?.message).toMatch(/no answer within 10 s/);
    await expect(state.target.run(['true'])).rejects.toThrow(TargetLostError);
  });
});

describe('an init function that never lets go of the processor', () => {
  beforeAll(start);

  it('is a lost target, as the kernel runs nothing else any more', async () => {
    const { manager, state } = await connected();
    expect(await failureOf(load(state, 'looper'))).toBeInstanceOf(TargetLostError);
    await whenBoard(manager, 'lost');
  });
});
