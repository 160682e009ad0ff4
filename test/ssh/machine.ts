import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onOtherMachine, type OtherMachine } from './otherMachine';

/** What a test made on this machine: undone in the reverse order, whatever happened. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.unshift(step);
  }

  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.splice(0)) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw new AggregateError(failures, 'not everything could be undone');
    }
  }
}

export function temporaryDirectory(cleanup: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), 'kmod-ssh-'));
  chmodSync(directory, 0o755);
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Servers that let other users in, and these users, are root's to make: sudo must do it without a question. */
function asRoot(argv: readonly string[]): readonly string[] {
  return process.getuid?.() === 0 ? argv : ['sudo', '-n', ...argv];
}

export function runAsRoot(argv: readonly string[], input = ''): string {
  const [program = '', ...rest] = asRoot(argv);
  return execFileSync(program, rest, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

export interface TestUser {
  readonly name: string;
  readonly password: string;
  readonly home: string;
}

/** A user of this machine that lives as long as the test; `sudoers` is what sudoers(5) says of it. */
export function makeUser(cleanup: Cleanup, sudoers?: string): TestUser {
  const name = `kmodtest${randomBytes(4).toString('hex')}`;
  const password = `pass ${randomBytes(6).toString('hex')} 'word`;
  const home = join(temporaryDirectory(cleanup), name);
  runAsRoot(['useradd', '--create-home', '--home-dir', home, '--shell', '/bin/sh', name]);
  cleanup.add(() => {
    try {
      runAsRoot(['pkill', '-KILL', '-u', name]);
    } catch {
      // Nothing of the user runs.
    }
    runAsRoot(['userdel', '--force', name]);
    runAsRoot(['rm', '-rf', home]);
  });
  runAsRoot(['chpasswd'], `${name}:${password}\n`);
  if (sudoers !== undefined) {
    const file = `/etc/sudoers.d/${name}`;
    runAsRoot(['tee', file], `${name} ${sudoers}\n`);
    runAsRoot(['chmod', '0440', file]);
    cleanup.add(() => runAsRoot(['rm', '-f', file]));
  }
  return { name, password, home };
}

export function authorize(user: TestUser, publicKeyFile: string): void {
  const directory = join(user.home, '.ssh');
  runAsRoot(['install', '-d', '-m', '0700', '-o', user.name, directory]);
  runAsRoot(['install', '-m', '0600', '-o', user.name, publicKeyFile, join(directory, 'authorized_keys')]);
}

/** Makes a key pair; the path of the private one. */
export function makeKey(directory: string, name: string, type = 'ed25519', passphrase = ''): string {
  const file = join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]);
  return file;
}

export function publicKey(file: string): Buffer {
  return Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
}

/** A port on which nothing listens, and which the kernel gives to nobody who asks for any port (ip(7)). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (free) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
  }
}

export interface TestServer {
  readonly port: number;
  /** The listener's process id: its children serve the connections. */
  readonly pid: number;
}

async function startServer(
  cleanup: Cleanup,
  argv: readonly string[],
  port: number,
  ready: RegExp,
): Promise<TestServer> {
  const [program = '', ...rest] = asRoot(argv);
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  cleanup.add(async () => {
    runAsRoot(['kill', String(child.pid)]);
    await exited;
  });
  await untilSaid(child, ready);
  return { port, pid: child.pid ?? 0 };
}

function untilSaid(child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (ready.test(said)) {
        resolve();
      }
    });
    child.once('error', reject).once('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
}

/** An agent without keys; its socket. */
export function startAgent(cleanup: Cleanup): string {
  const socket = join(temporaryDirectory(cleanup), 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  cleanup.add(() => agent.kill());
  execFileSync('sh', ['-c', 'until [ -S "$1" ]; do sleep 0.02; done', 'sh', socket]);
  return socket;
}

/** A network of this machine's own, with one cable into it. */
export interface TestNetwork {
  readonly name: string;
  /** A machine's in it. */
  readonly address: string;
  /** Pulls the cable: nothing passes, and nobody is told. */
  cut(): void;
  mend(): void;
}

export function makeNetwork(cleanup: Cleanup): TestNetwork {
  const id = randomBytes(4);
  const name = `kmod${id.toString('hex')}`;
  const subnet = `10.231.${id.readUInt8(0)}`;
  const ip = (...argv: string[]): string => runAsRoot(['ip', ...argv]);
  ip('netns', 'add', name);
  cleanup.add(() => ip('netns', 'del', name));
  ip('link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('addr', 'add', `${subnet}.1/24`, 'dev', `${name}h`);
  ip('link', 'set', `${name}h`, 'up');
  ip('-n', name, 'addr', 'add', `${subnet}.2/24`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  return {
    name,
    address: `${subnet}.2`,
    cut: () => void ip('-n', name, 'link', 'set', 'eth0', 'down'),
    mend: () => void ip('-n', name, 'link', 'set', 'eth0', 'up'),
  };
}

/** OpenSSH's sshd on a loopback port, with its own configuration and host keys. */
export async function startSshd(
  cleanup: Cleanup,
  {
    hostKeys,
    settings = [],
    network,
    port: wanted,
    on,
  }: {
    hostKeys: readonly string[];
    settings?: readonly string[];
    /** Where it listens; loopback unless told. */
    network?: TestNetwork;
    port?: number;
    on?: OtherMachine;
  },
): Promise<TestServer> {
  const port = wanted ?? (await freePort());
  const file = join(temporaryDirectory(cleanup), 'sshd_config');
  const lines = [
    `Port ${port}`,
    `ListenAddress ${network?.address ?? '127.0.0.1'}`,
    'PidFile none',
    'StrictModes no',
    'UseDNS no',
    'LoginGraceTime 120',
    ...hostKeys.map((key) => `HostKey ${key}`),
    ...settings,
  ];
  mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
  const inNetwork = network === undefined ? [] : ['ip', 'netns', 'exec', network.name];
  const argv = [...inNetwork, '/usr/sbin/sshd', '-D', '-e', '-f', file];
  const there = on === undefined ? argv : onOtherMachine(cleanup, on, argv);
  return startServer(cleanup, there, port, /Server listening/);
}

/** Dropbear on a loopback port; it has no SFTP. */
export async function startDropbear(cleanup: Cleanup): Promise<TestServer & { readonly hostKey: string }> {
  const port = await freePort();
  const directory = temporaryDirectory(cleanup);
  const key = join(directory, 'host_key');
  const said = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', key], { encoding: 'utf8' });
  const hostKey = /^ssh-ed25519 \S+/m.exec(said)?.[0] ?? '';
  const argv = ['dropbear', '-F', '-E', '-p', `127.0.0.1:${port}`, '-r', key, '-P', join(directory, 'pid')];
  return { ...(await startServer(cleanup, argv, port, /Not backgrounding/)), hostKey };
}

/** The processes that serve the connections of a server, the deepest last. */
export function descendants(pid: number): number[] {
  // A process that has ended meanwhile has none.
  const children = runAsRoot([
    'sh',
    '-c',
    'cat "$1" 2> /dev/null || true',
    'sh',
    `/proc/${pid}/task/${pid}/children`,
  ])
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
