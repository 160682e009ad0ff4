// What takes a file to a target the fastest on a connection that is open: `cat`, SFTP or scp, none of which verifies
// what arrived; what an upload takes, which goes through `cat` and verifies; and what gzip gains over a slow line.
// Ratios of one run: below 1, `cat` wins.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientChannel, type SFTPWrapper } from 'ssh2';
import { Link } from '../../client/targets/link';
import { quote } from '../../client/targets/quote';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { openScratchTarget } from '../../client/targets/scratchTarget';
import { parseSshConfig } from '../../client/targets/sshConfig';
import { script } from '../../client/targets/script';
import { openSshTarget } from '../../client/targets/sshTarget';
import type { Target } from '../../client/targets/target';
import { uploadFile } from '../../client/targets/uploadFile';
import { buildHello } from '../connection/hello';
import { openRelay } from '../connection/relay';
import { processorTime } from '../connection/processorTime';
import { freePort, HOST, secondNetwork, startSshd, type Server } from '../connection/servers';
import { HELLO, SCRATCH_CACHE } from '../places';

const ROUNDS = 5;

const SIZES = [4_000, 300_000, 34_000_000];

/** A line over which a board is reached from far away: 100 KB a second, 40 ms there and back. */
const SLOW = { away: 40, rate: 100 };

const PATH = '/tmp/bench-upload';

async function open(server: Server, port: number): Promise<Target> {
  const { identityFile } = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
  const definition = { kind: 'ssh', name: 'bench', host: HOST, port, user: 'root', identityFile } as const;
  return openSshTarget(definition, {
    prompts: { confirmHostKey: () => Promise.resolve(undefined), secret: () => Promise.resolve(undefined) },
    config: { ...parseSshConfig('', definition, homedir()), identityAgent: undefined },
    hostKey: server.hostKey,
  });
}

/** The same library that a target is reached with, without a target around it. */
async function openClient(port: number): Promise<Client> {
  const { identityFile } = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
  const client = new Client();
  const sock = connect({ host: HOST, port, noDelay: true });
  const privateKey = await readFile(identityFile);
  await new Promise<void>((resolve, reject) => {
    client.on('ready', resolve).on('error', reject);
    client.connect({ sock, username: 'root', privateKey, hostVerifier: () => true });
  });
  return client;
}

/** A session for each file, and as many writes under way as ssh2 makes. */
async function bySftp(client: Client, local: string): Promise<void> {
  const session = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, opened) => (error === undefined ? resolve(opened) : reject(error)));
  });
  await new Promise<void>((resolve, reject) => {
    session.fastPut(local, PATH, (error) => (error ? reject(error) : resolve()));
  });
  session.end();
}

/** The sending side of scp's own protocol: a line of the file, its bytes, a NUL; each is answered by a NUL. */
async function byScp(client: Client, data: Buffer): Promise<void> {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec(`scp -t ${quote(PATH)}`, (error, opened) =>
      error === undefined ? resolve(opened) : reject(error),
    );
  });
  const closed = new Promise<void>((resolve, reject) => {
    channel.on('close', (code: number) =>
      code === 0 ? resolve() : reject(new Error(`scp -t ended with ${code}`)),
    );
  });
  let answers = 0;
  channel.on('data', (chunk: Buffer) => {
    answers += chunk.length;
    if (answers === 1) {
      channel.write(`C0600 ${data.length} bench\n`);
    } else if (answers === 2) {
      channel.write(data);
      channel.end(Buffer.alloc(1));
    }
  });
  await closed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

type Ways = Readonly<Record<string, () => Promise<void>>>;

interface Cost {
  readonly milliseconds: number;
  /** Of processor time of the machine that it is sent to. */
  readonly seconds: number;
}

/** The medians of each way; one after the other in each round, and the first round does not count. */
async function race(target: Target, pid: number, ways: Ways, rounds: number): Promise<Map<string, Cost>> {
  const costs = new Map(Object.keys(ways).map((way) => [way, [] as Cost[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [way, upload] of Object.entries(ways)) {
      const before = await processorTime(pid);
      const milliseconds = await timed(upload);
      const seconds = (await processorTime(pid)) - before;
      await target.run(['rm', '-f', PATH]);
      if (round > 0) {
        costs.get(way)?.push({ milliseconds, seconds });
      }
    }
  }
  return new Map(
    [...costs].map(([way, all]) => [
      way,
      {
        milliseconds: median(all.map((cost) => cost.milliseconds)),
        seconds: median(all.map((cost) => cost.seconds)),
      },
    ]),
  );
}

async function measure(server: Server, pid: number, directory: string, rounds: number): Promise<void> {
  const target = await open(server, server.port);
  const client = await openClient(server.port);
  try {
    for (const size of SIZES) {
      // Nothing of it can be packed.
      const data = randomBytes(size);
      const local = join(directory, 'data');
      await writeFile(local, data);
      const others: Ways = {
        ...(server.name === 'OpenSSH' ? { SFTP: () => bySftp(client, local) } : {}),
        scp: () => byScp(client, data),
      };
      const options = { stdin: data, timeoutMs: 120_000 };
      const cat = async (): Promise<void> => {
        await target.run(script('cat > "$1"', [PATH]), options);
      };
      const upload = (): Promise<void> => target.upload(data, PATH);
      const medians = await race(target, pid, { cat, upload, ...others }, rounds);
      const ratio = (way: string, what: keyof Cost): string =>
        ((medians.get('cat')?.[what] ?? 0) / (medians.get(way)?.[what] ?? 0)).toFixed(2);
      const ratios = Object.keys(others).map(
        (way) =>
          `to ${way} ${ratio(way, 'milliseconds')}, of the target's processor ${ratio(way, 'seconds')}`,
      );
      const times = [...medians].map(
        ([way, cost]) => `${way} ${cost.milliseconds.toFixed(0)} ms and ${cost.seconds.toFixed(2)} s`,
      );
      console.log(`${server.name}, ${size / 1000} KB: cat ${ratios.join('; ')}\n  ${times.join(', ')}`);
    }
  } finally {
    client.end();
    await target.dispose();
  }
}

/** What uploads do over a slow line, and the same with a target that has no gzip. */
async function measurePacking(server: Server, pid: number): Promise<void> {
  const relay = await openRelay(server.port, SLOW);
  const target = await open(server, relay.port);
  try {
    const data = await readFile(join(HELLO, 'hello.ko'));
    const run: Target['run'] = (argv, options) => target.run(argv, options);
    const upload = (unpacks: boolean) => async (): Promise<void> => {
      const link = new Link();
      link.unpacks = unpacks;
      link.saw(SLOW.away);
      await uploadFile(run, link, data, PATH, {});
    };
    const medians = await race(target, pid, { packed: upload(true), plain: upload(false) }, 1);
    const [packed = 0, plain = 0] = [...medians.values()].map(({ milliseconds }) => milliseconds);
    console.log(
      `${server.name}, ${data.length / 1000} KB of a module with its debug information at ${SLOW.rate} KB/s: gzip to none ${(packed / plain).toFixed(2)} (${packed.toFixed(0)} ms, ${plain.toFixed(0)} ms)`,
    );
  } finally {
    await target.dispose();
    relay.close();
  }
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`${process.argv[2]} is no number of rounds`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'vscode-kmod-bench-'));
  await buildHello();
  const port = await freePort();
  const guest = await openScratchTarget({
    name: 'scratch',
    cacheDirectory: SCRATCH_CACHE,
    qemuArguments: secondNetwork(port),
  });
  try {
    const { hostKey } = await ensureKeys(join(SCRATCH_CACHE, 'keys'));
    const dropbear: Server = { name: 'dropbear', port: guest.machine.port, hostKey };
    const servers = [dropbear, await startSshd(guest, port, directory)];
    for (const server of servers) {
      await measure(server, guest.machine.pid, directory, rounds);
    }
    for (const server of servers) {
      await measurePacking(server, guest.machine.pid);
    }
  } finally {
    await guest.dispose();
    await rm(directory, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
