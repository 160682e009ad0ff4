// What loading and unloading the sample module costs on a connection that is open, against scp, ssh insmod and
// ssh rmmod with a connection each, in the same run: on dropbear and on OpenSSH, with kmod's tools and with
// BusyBox's, next door and 40 ms away. What is measured is what a click on Load and on Unload runs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from '../../engine/base/startProgram';
import { loadModule } from '../../client/kernel/loadModule';
import { unloadModule } from '../../client/kernel/unloadModule';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { openScratchTarget, type ScratchTarget } from '../../client/targets/scratchTarget';
import { parseSshConfig } from '../../client/targets/sshConfig';
import { openSshTarget } from '../../client/targets/sshTarget';
import type { Target, TargetFacts } from '../../client/targets/target';
import { buildHello } from '../connection/hello';
import { openRelay } from '../connection/relay';
import { processorTime } from '../connection/processorTime';
import { freePort, HOST, secondNetwork, startSshd, type Server } from '../connection/servers';
import { HELLO, SCRATCH_CACHE } from '../places';

const ROUNDS = 9;
const FAR_MS = 40;

/** The target's servers have ended after so many milliseconds: neither side pays for what the other leaves behind. */
const SETTLED_MS = 300;

const never = new AbortController().signal;
const MODULE = join(HELLO, 'hello.ko');

type Tools = 'kmod' | 'BusyBox';

interface Case {
  readonly server: Server;
  readonly tools: Tools;
  /** The round trip, milliseconds. */
  readonly away: number;
}

/** What is promised: at most so much of the time by hand. */
function promised({ server, tools, away }: Case): number {
  const near = { kmod: { dropbear: 0.2, OpenSSH: 0.085 }, BusyBox: { dropbear: 0.1, OpenSSH: 0.045 } };
  return away > 0 ? 0.12 : near[tools][server.name];
}

/** Milliseconds by step, in the steps' order. */
type Times = Map<string, number>;

async function timed<T>(times: Times, step: string, task: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await task();
  times.set(step, (times.get(step) ?? 0) + performance.now() - start);
  return result;
}

const total = (times: Times): number => [...times.values()].reduce((sum, time) => sum + time, 0);

/** The target, with its commands counted. */
function counting(target: Target): { target: Target; commands: () => number } {
  let commands = 0;
  const counted = <T>(result: T): T => {
    commands += 1;
    return result;
  };
  return {
    target: {
      name: target.name,
      lost: target.lost,
      run: (...args) => counted(target.run(...args)),
      upload: (...args) => counted(target.upload(...args)),
      wake: () => target.wake?.(),
      stream: (...args) => target.stream(...args),
      dispose: () => target.dispose(),
    },
    commands: () => commands,
  };
}

/** The steps as a person is told of them. */
async function product(target: Target, facts: TargetFacts): Promise<Times> {
  const times: Times = new Map();
  let step = 'read';
  let since = performance.now();
  const begin = (next: string): void => {
    const now = performance.now();
    times.set(step, (times.get(step) ?? 0) + now - since);
    [step, since] = [next, now];
  };
  const report = (_text: string, next: string): void => begin(next);
  await loadModule({ target, facts, file: MODULE, parameters: [], report }, never);
  begin('rmmod');
  await unloadModule({ target, name: 'hello' }, never);
  begin('');
  return times;
}

async function byHand(ssh: readonly string[]): Promise<Times> {
  const times: Times = new Map();
  const host = `root@${HOST}`;
  const scp = ssh.map((word) => (word === '-p' ? '-P' : word));
  await timed(times, 'scp', () => runProgram('scp', ['-O', '-q', ...scp, MODULE, `${host}:/tmp/hello.ko`]));
  await timed(times, 'insmod', () => runProgram('ssh', [...ssh, host, 'insmod /tmp/hello.ko']));
  await timed(times, 'rmmod', () => runProgram('ssh', [...ssh, host, 'rmmod hello']));
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** "scp 210, insmod 180": the median of each step. */
function steps(rounds: readonly Times[]): string {
  return [...(rounds[0]?.keys() ?? [])]
    .map((step) => `${step} ${median(rounds.map((times) => times.get(step) ?? 0)).toFixed(0)}`)
    .join(', ');
}

async function measure(one: Case, pid: number, directory: string, rounds: number): Promise<boolean> {
  const { server, tools, away } = one;
  const { identityFile } = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
  const way =
    away === 0 ? { port: server.port, close: () => undefined } : await openRelay(server.port, { away });
  const knownHosts = join(directory, 'known_hosts');
  await writeFile(knownHosts, `bench ${server.hostKey}\n`);
  const settings = [`UserKnownHostsFile=${knownHosts}`, 'HostKeyAlias=bench', 'IdentitiesOnly=yes'];
  const ssh = [
    ...['-F', 'none', '-i', identityFile, '-p', String(way.port)],
    ...settings.flatMap((setting) => ['-o', setting]),
  ];
  const definition = {
    kind: 'ssh',
    name: 'bench',
    host: HOST,
    port: way.port,
    user: 'root',
    identityFile,
  } as const;
  const opened = await openSshTarget(definition, {
    prompts: { confirmHostKey: () => Promise.resolve(undefined), secret: () => Promise.resolve(undefined) },
    config: { ...parseSshConfig('', definition, homedir()), identityAgent: undefined },
    hostKey: server.hostKey,
  });
  const { target, commands } = counting(opened);
  try {
    const facts = await welcomeTarget(target, never, () => undefined);
    const ours: Times[] = [];
    const hand: Times[] = [];
    let before = 0;
    const guest = { ours: 0, hand: 0 };
    // The first round fills the caches of both sides and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      await sleep(SETTLED_MS);
      const start = await processorTime(pid);
      const a = await product(target, facts);
      await sleep(SETTLED_MS);
      const between = await processorTime(pid);
      const b = await byHand(ssh);
      const end = await processorTime(pid);
      if (round === 0) {
        before = commands();
      } else {
        ours.push(a);
        hand.push(b);
        guest.ours += between - start;
        guest.hand += end - between;
      }
    }
    const [a, b] = [median(ours.map(total)), median(hand.map(total))];
    const limit = promised(one);
    const where = away === 0 ? '' : `, ${away} ms away`;
    console.log(
      `${server.name}, ${tools}${where}: ${(a / b).toFixed(3)} (promised ${limit})\n` +
        `  extension ${a.toFixed(0)} ms in ${((commands() - before) / rounds).toFixed(1)} commands: ${steps(ours)}\n` +
        `  by hand ${b.toFixed(0)} ms: ${steps(hand)}\n` +
        `  processor time of the target: ${(guest.ours / guest.hand).toFixed(3)}`,
    );
    return a / b <= limit;
  } finally {
    await target.dispose();
    way.close();
  }
}

async function onGuest(tools: Tools, directory: string, rounds: number): Promise<boolean> {
  const port = await freePort();
  const guest: ScratchTarget = await openScratchTarget({
    name: 'scratch',
    cacheDirectory: SCRATCH_CACHE,
    kmod: tools === 'kmod',
    qemuArguments: secondNetwork(port),
  });
  try {
    const { hostKey } = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
    const dropbear: Server = { name: 'dropbear', port: guest.machine.port, hostKey };
    const servers = [dropbear, await startSshd(guest, port, directory)];
    let kept = true;
    for (const away of [0, FAR_MS]) {
      for (const server of servers) {
        kept = (await measure({ server, tools, away }, guest.machine.pid, directory, rounds)) && kept;
      }
    }
    return kept;
  } finally {
    await guest.dispose();
  }
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`${process.argv[2]} is no number of rounds`);
  }
  await buildHello();
  let kept = true;
  for (const tools of ['kmod', 'BusyBox'] as const) {
    const directory = await mkdtemp(join(tmpdir(), 'vscode-kmod-bench-'));
    try {
      kept = (await onGuest(tools, directory, rounds)) && kept;
    } finally {
      await rm(directory, { recursive: true });
    }
  }
  console.log(kept ? 'Every ratio is as promised.' : 'Not every ratio is as promised.');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
