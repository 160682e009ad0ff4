// What a load of the sample module costs from a click to the list that shows it, and the same by hand in the
// same run: make, scp, ssh insmod, ssh lsmod. Both build the same change, on the same scratch kernel.
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../engine/base/startProgram';
import { runBuild } from '../../client/build/runBuild';
import type { BuildRequest } from '../../client/build/makeCommand';
import { findKernelBuildDirectory } from '../../client/build/kernelBuildDirectory';
import { execute } from '../../client/kernel/command';
import { listModules } from '../../client/kernel/commands';
import { loadModule } from '../../client/kernel/loadModule';
import { probeFacts } from '../../client/kernel/probeFacts';
import { unloadModule } from '../../client/kernel/unloadModule';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { openScratchTarget, type ScratchTarget } from '../../client/targets/scratchTarget';
import type { Target } from '../../client/targets/target';
import { HELLO, SCRATCH_CACHE } from '../places';

const ROUNDS = 7;

const never = new AbortController().signal;

/** Milliseconds a step. */
type Times = Record<string, number>;

async function timed(times: Times, step: string, task: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await task();
  times[step] = (times[step] ?? 0) + performance.now() - start;
}

/** The target, with the time of each command written down: insmod's apart from the others'. */
function watched(target: Target, times: Times): Target {
  return {
    name: target.name,
    lost: target.lost,
    run: async (argv, options) => {
      const step = argv.includes('insmod') ? 'insmod' : 'queries';
      const start = performance.now();
      try {
        return await target.run(argv, options);
      } finally {
        times[step] = (times[step] ?? 0) + performance.now() - start;
      }
    },
    upload: (...args) => timed(times, 'upload', () => target.upload(...args)),
    wake: () => target.wake?.(),
    stream: (argv, options) => target.stream(argv, options),
    dispose: () => target.dispose(),
  };
}

/** An edit: make has to compile. */
async function touch(): Promise<void> {
  const now = new Date();
  await utimes(join(HELLO, 'hello.c'), now, now);
}

async function product(target: Target, request: BuildRequest): Promise<Times> {
  const times: Times = {};
  const facts = await execute(target, probeFacts);
  await touch();
  const build = (signal: AbortSignal): Promise<void> =>
    timed(times, 'make', () => runBuild(request, { signal, onLine: () => undefined }));
  const file = join(HELLO, 'hello.ko');
  const onTarget = watched(target, times);
  await timed(times, 'all', async () => {
    await loadModule({ target: onTarget, facts, file, parameters: [], build }, never);
    await execute(onTarget, listModules());
  });
  await unloadModule({ target, name: 'hello' }, never);
  return times;
}

async function byHand(ssh: readonly string[], request: BuildRequest): Promise<Times> {
  const times: Times = {};
  const host = 'root@127.0.0.1';
  const portIsP = (word: string): string => (word === '-p' ? '-P' : word);
  await touch();
  await timed(times, 'all', async () => {
    await timed(times, 'make', () =>
      runProgram('make', ['-C', request.kernelDirectory, `M=${HELLO}`, 'modules']),
    );
    const file = join(HELLO, 'hello.ko');
    await timed(times, 'upload', () =>
      runProgram('scp', ['-O', '-q', ...ssh.map(portIsP), file, `${host}:/tmp/hello.ko`]),
    );
    await timed(times, 'insmod', () => runProgram('ssh', [...ssh, host, 'insmod /tmp/hello.ko']));
    await timed(times, 'queries', () => runProgram('ssh', [...ssh, host, 'lsmod']));
  });
  await runProgram('ssh', [...ssh, host, 'rmmod hello; rm /tmp/hello.ko']);
  return times;
}

/** A round trip that does nothing: what is above it in insmod is the tool's and the kernel's. */
async function roundTrip(target: Target): Promise<number> {
  const times: Times = {};
  await timed(times, 'true', () => target.run(['true']));
  return times['true'] ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const STEPS = ['make', 'upload', 'insmod', 'queries', 'all'] as const;

function print(
  ours: readonly Times[],
  hand: readonly Times[],
  idle: readonly number[],
  rounds: number,
): void {
  const of = (times: readonly Times[], step: string): number => median(times.map((one) => one[step] ?? 0));
  console.log(`\nLoading samples/hello on the scratch kernel: medians of ${rounds} rounds, milliseconds\n`);
  const labels: Record<(typeof STEPS)[number], string> = {
    make: 'make',
    upload: 'upload | scp',
    insmod: 'insmod | ssh insmod',
    queries: 'checks, log, list | ssh lsmod',
    all: 'from click to list',
  };
  console.log(`${''.padEnd(32)}${'extension'.padStart(10)}${'by hand'.padStart(10)}${'ratio'.padStart(8)}`);
  for (const step of STEPS) {
    const [a, b] = [of(ours, step), of(hand, step)];
    console.log(
      `${labels[step].padEnd(32)}${a.toFixed(0).padStart(10)}${b.toFixed(0).padStart(10)}${(a / b).toFixed(2).padStart(8)}`,
    );
  }
  const all = of(ours, 'all');
  const withoutMake = (times: readonly Times[]): number => of(times, 'all') - of(times, 'make');
  const kernel = Math.max(0, of(ours, 'insmod') - median(idle));
  const ssh = of(ours, 'upload') + of(ours, 'queries') + of(ours, 'insmod') - kernel;
  const share = (part: number): string => `${((100 * part) / all).toFixed(0)} %`;
  console.log(
    `${'without make'.padEnd(32)}${withoutMake(ours).toFixed(0).padStart(10)}${withoutMake(hand).toFixed(0).padStart(10)}` +
      `${(withoutMake(ours) / withoutMake(hand)).toFixed(2).padStart(8)}`,
  );
  console.log(
    `\nShares of the extension's time: make ${share(of(ours, 'make'))}, SSH ${share(ssh)}, insmod and the kernel ${share(kernel)}` +
      ` (its command less a round trip of ${median(idle).toFixed(0)} ms).`,
  );
}

async function bench(target: ScratchTarget, directory: string, rounds: number): Promise<void> {
  const keys = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
  const knownHosts = join(directory, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${target.machine.port} ${keys.hostKey}\n`);
  const options = { UserKnownHostsFile: knownHosts, StrictHostKeyChecking: 'yes', IdentitiesOnly: 'yes' };
  const ssh = [
    ...['-F', 'none', '-i', keys.identityFile, '-p', String(target.machine.port)],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
  const { release } = await execute(target, probeFacts);
  const request: BuildRequest = {
    directory: HELLO,
    kernelDirectory: await findKernelBuildDirectory({ targetRelease: release }),
    target: 'modules',
  };
  const ours: Times[] = [];
  const hand: Times[] = [];
  const idle: number[] = [];
  // The first round fills the caches of both sides and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const pair = [await product(target, request), await byHand(ssh, request)] as const;
    const trip = await roundTrip(target);
    if (round > 0) {
      ours.push(pair[0]);
      hand.push(pair[1]);
      idle.push(trip);
    }
  }
  console.log(`The scratch kernel ${release} was up in ${(target.startDuration / 1000).toFixed(1)} s.`);
  print(ours, hand, idle, rounds);
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`${process.argv[2]} is no number of rounds`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'vscode-kmod-bench-'));
  try {
    const target = await openScratchTarget({ name: 'scratch', cacheDirectory: SCRATCH_CACHE });
    try {
      await bench(target, directory, rounds);
    } finally {
      await target.dispose();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
