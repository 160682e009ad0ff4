// What loading and unloading the sample module costs on a connection that is open, against scp, ssh insmod and
// ssh rmmod with a connection each, in the same run: on dropbear and on OpenSSH, with kmod's tools and with
// BusyBox's, next door and 40 ms away. What is measured is what a click on Load and on Unload runs.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findKernelBuildDirectory } from '../../client/build/kernelBuildDirectory';
import { runBuild } from '../../client/build/runBuild';
import { loadModule } from '../../client/kernel/loadModule';
import { unloadModule } from '../../client/kernel/unloadModule';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { librariesOf } from '../../client/targets/scratch/programs';
import { script } from '../../client/targets/script';
import { openScratchTarget, type ScratchTarget } from '../../client/targets/scratchTarget';
import { parseSshConfig } from '../../client/targets/sshConfig';
import { openSshTarget } from '../../client/targets/sshTarget';
import type { Target, TargetFacts } from '../../client/targets/target';
import { HELLO, SCRATCH_CACHE } from '../places';

const ROUNDS = 9;
const FAR_MS = 40;

/** The target's servers have ended after so many milliseconds: neither side pays for what the other leaves behind. */
const SETTLED_MS = 300;

const run = promisify(execFile);
const never = new AbortController().signal;
const HOST = '127.0.0.1';
const MODULE = join(HELLO, 'hello.ko');

interface Server {
  readonly name: 'dropbear' | 'OpenSSH';
  readonly port: number;
  /** "ssh-ed25519 AAAA…" */
  readonly hostKey: string;
}

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

/** Passes a connection on, every byte after half of the round trip. */
async function farAway(port: number, away: number): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => setTimeout(() => to.write(chunk), away / 2));
    from.on('end', () => setTimeout(() => to.end(), away / 2));
    from.on('error', () => to.destroy()).on('close', () => sockets.delete(from));
  };
  const proxy = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const server = connect({ host: HOST, port, noDelay: true, allowHalfOpen: true });
    pass(client, server);
    pass(server, client);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, HOST, resolve);
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const SSHD = '/usr/sbin/sshd';
const SSHD_PORT = 2222;

/** The guest's second network, for the second server: the first one's port is all that is forwarded of the first. */
const secondNetwork = (port: number): string[] => [
  ...[
    '-netdev',
    `user,id=second,restrict=on,net=10.0.3.0/24,hostfwd=tcp:${HOST}:${port}-10.0.3.15:${SSHD_PORT}`,
  ],
  ...['-device', 'virtio-net-pci,netdev=second,romfile='],
];

const START_SSHD = `
set -e
ifconfig eth1 10.0.3.15 netmask 255.255.255.0 up
mkdir -p /run/sshd
chmod 755 ${SSHD} /run/sshd
chmod 600 /etc/ssh/host_key
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >> /etc/passwd
${SSHD} -f /etc/ssh/sshd_config </dev/null >/dev/null`;

const SSHD_CONFIG = `Port ${SSHD_PORT}
HostKey /etc/ssh/host_key
PidFile none
UseDNS no
`;

/** Puts OpenSSH's server beside the guest's own. */
async function startSshd(guest: Target, port: number, directory: string): Promise<Server> {
  const key = join(directory, 'host_key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
  const libraries = await librariesOf(SSHD);
  const config = join(directory, 'sshd_config');
  await writeFile(config, SSHD_CONFIG);
  const files = { '/etc/ssh/host_key': key, '/etc/ssh/sshd_config': config, [SSHD]: SSHD };
  const sources = Object.entries({
    ...files,
    ...Object.fromEntries(libraries.map((library) => [library, library])),
  });
  for (const [path, source] of sources) {
    const { exitCode } = await guest.run(script('[ ! -e "$1" ] && mkdir -p "${1%/*}"', [path]));
    if (exitCode === 0) {
      await guest.upload(await readFile(source), path);
      await guest.run(['chmod', '755', path]);
    }
  }
  const { exitCode, stderr } = await guest.run(script(START_SSHD, []));
  if (exitCode !== 0) {
    throw new Error(`OpenSSH's sshd does not start in the guest: ${stderr}`);
  }
  const hostKey = (await readFile(`${key}.pub`, 'utf8')).trim();
  return { name: 'OpenSSH', port, hostKey };
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
  await timed(times, 'scp', () => run('scp', ['-O', '-q', ...scp, MODULE, `${host}:/tmp/hello.ko`]));
  await timed(times, 'insmod', () => run('ssh', [...ssh, host, 'insmod /tmp/hello.ko']));
  await timed(times, 'rmmod', () => run('ssh', [...ssh, host, 'rmmod hello']));
  return times;
}

/** Seconds of processor time that a process of this machine has used (proc(5), in ticks of 10 ms). */
async function processorTime(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = text.slice(text.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) / 100;
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
  const way = away === 0 ? { port: server.port, close: () => undefined } : await farAway(server.port, away);
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
  const { release } = await findKernel();
  const kernelDirectory = await findKernelBuildDirectory({ targetRelease: release });
  await runBuild(
    { directory: HELLO, kernelDirectory, target: 'modules' },
    { signal: never, onLine: () => undefined },
  );
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
