// What connected targets cost while nobody does anything with them, and what a look at the list of loaded
// modules costs, against the same by hand in the same run: 20 connections to one scratch kernel.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runProgram } from '../../engine/base/startProgram';
import { ModuleMonitor } from '../../client/kernel/moduleMonitor';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { openScratchTarget, type ScratchTarget } from '../../client/targets/scratchTarget';
import { parseSshConfig } from '../../client/targets/sshConfig';
import { openSshTarget } from '../../client/targets/sshTarget';
import type { Target } from '../../client/targets/target';
import { TargetManager } from '../../client/targets/targetManager';
import { SCRATCH_CACHE } from '../places';

const TARGETS = 20;
const IDLE_SECONDS = 20;
const LOOKS = 20;

function collectGarbage(): void {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
}

const megabytes = (): number => {
  collectGarbage();
  return process.memoryUsage().rss / 1e6;
};

async function managerOf(machine: ScratchTarget): Promise<TargetManager> {
  const keys = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
  const definitions = Array.from({ length: TARGETS }, (_, index) => ({
    kind: 'ssh' as const,
    name: `board-${index}`,
    host: '127.0.0.1',
    port: machine.machine.port,
    user: 'root',
    identityFile: keys.identityFile,
  }));
  const manager = new TargetManager({
    open: (definition, { signal }) => {
      if (definition.kind !== 'ssh') {
        throw new Error('only SSH here');
      }
      return openSshTarget(definition, {
        prompts: {
          confirmHostKey: () => Promise.resolve(undefined),
          secret: () => Promise.resolve(undefined),
        },
        config: { ...parseSshConfig('', definition, homedir()), identityAgent: undefined },
        hostKey: keys.hostKey,
        signal,
      });
    },
    probe: (target, signal) => welcomeTarget(target, signal, () => undefined),
  });
  manager.setDefinitions(definitions);
  return manager;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

async function looks(target: Target, ssh: readonly string[]): Promise<void> {
  let trips = 0;
  const counted: Target = {
    name: target.name,
    lost: target.lost,
    run: (argv, options) => {
      trips += 1;
      return target.run(argv, options);
    },
    upload: (...args) => target.upload(...args),
    stream: (...args) => target.stream(...args),
    dispose: () => target.dispose(),
  };
  const monitor = new ModuleMonitor(
    () => counted,
    () => new Set(),
  );
  await monitor.refresh();
  trips = 0;
  const ours: number[] = [];
  const hand: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    ours.push(await timed(() => monitor.refresh()));
    hand.push(await timed(() => runProgram('ssh', [...ssh, 'lsmod'])));
  }
  const [a, b] = [median(ours), median(hand)];
  console.log(
    `A look at the loaded modules: ${(trips / LOOKS).toFixed(2)} round trips, ${a.toFixed(0)} ms; ` +
      `ssh lsmod ${b.toFixed(0)} ms; ratio ${(a / b).toFixed(3)}`,
  );
}

async function bench(machine: ScratchTarget, directory: string): Promise<void> {
  const keys = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
  const manager = await managerOf(machine);
  try {
    // What every connection shares is read by the first one.
    await manager.connect('board-0');
    const before = megabytes();
    for (let index = 1; index < TARGETS; index += 1) {
      await manager.connect(`board-${index}`);
    }
    const growth = (megabytes() - before) / (TARGETS - 1);
    const cpu = process.cpuUsage();
    await sleep(IDLE_SECONDS * 1000);
    const { user, system } = process.cpuUsage(cpu);
    const share = (user + system) / 1e4 / IDLE_SECONDS;
    console.log(
      `${TARGETS} targets, connected and idle for ${IDLE_SECONDS} s: ${share.toFixed(2)} % of a CPU (limit 1 %), ` +
        `${growth.toFixed(2)} MB each (limit 3 MB)`,
    );
    const state = manager.state('board-0');
    if (state.kind !== 'connected') {
      throw new Error(`board-0 is ${state.kind}`);
    }
    const knownHosts = join(directory, 'known_hosts');
    await writeFile(knownHosts, `[127.0.0.1]:${machine.machine.port} ${keys.hostKey}\n`);
    await looks(state.target, [
      ...['-F', 'none', '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'IdentitiesOnly=yes'],
      ...['-i', keys.identityFile, '-p', String(machine.machine.port), 'root@127.0.0.1'],
    ]);
  } finally {
    await manager.dispose();
  }
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vscode-kmod-bench-'));
  try {
    const machine = await openScratchTarget({ name: 'scratch', cacheDirectory: SCRATCH_CACHE });
    try {
      await bench(machine, directory);
    } finally {
      await machine.dispose();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
