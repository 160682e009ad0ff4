import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleScript } from '../bundleScript';
import { useLoginServer } from './loginServer';
import { temporaryDirectory } from './machine';
import { FOR_SSH_ITSELF } from './opening';
import { relay } from './wires';

const { cleanup, here: machine } = useLoginServer();
let bundle: string;
/** Where the editor's machine has its temporary files. */
let here: string;

/** Connects as an editor does, and uploads as a load does: the first half of a file, or all of it. */
const EDITOR = `
import { randomBytes } from 'node:crypto';
import { openSshTarget } from '${join(__dirname, '../../client/targets/sshTarget')}';
import { welcomeTarget } from '${join(__dirname, '../../client/kernel/welcomeTarget')}';
import { temporaryPath } from '${join(__dirname, '../../client/kernel/temporaryFiles')}';
const [definition, configFile, bytes] = JSON.parse(process.argv[2] ?? '');
const prompts = { confirmHostKey: async () => 'once', secret: async () => undefined };
const signal = new AbortController().signal;
async function main() {
  const target = await openSshTarget(definition, { prompts, configFile });
  const facts = await welcomeTarget(target, signal, (_level, message) => console.error(message));
  const owner = await target.run(['sh', '-c', 'echo $PPID']);
  const path = temporaryPath('/var/tmp', facts, Number(owner.stdout.toString()));
  console.log(path);
  if (bytes > 0) await target.upload(randomBytes(bytes), path, { timeoutMs: 600_000 });
  console.log('uploaded');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  await target.dispose();
  process.stdin.destroy();
}
void main();
`;

beforeAll(() => {
  bundle = bundleScript(machine.directory, 'editor', EDITOR);
});

interface Editor {
  readonly process: ChildProcess;
  /** The next line that it prints. */
  readonly line: () => Promise<string>;
}

const WAYS = [
  ['ssh2', []],
  ["the system's ssh", FOR_SSH_ITSELF],
] as const;

describe.each(WAYS)('an editor that is killed with SIGKILL, connected by %s,', (by, lines) => {
  beforeEach(() => {
    here = temporaryDirectory(cleanup);
  });

  const start = (bytes: number, port = machine.server.port): Editor => {
    const configFile = join(machine.directory, `config_${by}`);
    const own = [`UserKnownHostsFile ${join(machine.directory, 'known_hosts')}`, 'GlobalKnownHostsFile none'];
    writeFileSync(configFile, [...lines, ...own, 'IdentityAgent none', ''].join('\n'));
    const definition = {
      ...{ kind: 'ssh', name: 'board', host: '127.0.0.1' },
      ...{ port, user: machine.user.name, identityFile: machine.login },
    };
    const child = spawn(process.execPath, [bundle, JSON.stringify([definition, configFile, bytes])], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: here, HOME: here, XDG_RUNTIME_DIR: here },
    });
    cleanup.add(() => child.kill('SIGKILL'));
    const told = createInterface(child.stdout)[Symbol.asyncIterator]();
    return { process: child, line: async () => String((await told.next()).value) };
  };
  const kill = async ({ process: child }: Editor): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const sizeThere = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;
  const leftHere = (): string[] => readdirSync(here).filter((name) => name.startsWith('kmod-ssh-'));

  it('in the middle of an upload leaves no part of it there', async () => {
    // The wire holds on to what comes after the first megabyte.
    let passed = 0;
    const held: Socket[] = [];
    const port = await relay(cleanup, machine.server.port, (chunk, send, client) => {
      passed += chunk.length;
      if (passed < 1_000_000) send();
      else held.push(client);
    });
    const editor = start(2_000_000, port);
    const path = await editor.line();
    await expect.poll(() => held.length).toBe(1);
    await expect.poll(() => sizeThere(path) ?? 0).toBeGreaterThan(0);
    await kill(editor);
    // The wire sees that nobody is left at its end.
    held.forEach((client) => client.removeAllListeners('data').resume());
    await expect.poll(() => sizeThere(path)).toBeUndefined();
  });

  it('leaves what the next one removes: a file there, and its own directory here', async () => {
    const editor = start(300_000);
    const path = await editor.line();
    expect(await editor.line()).toBe('uploaded');
    const before = leftHere();
    await kill(editor);
    expect(sizeThere(path)).toBe(300_000);
    // With ssh2 there is nothing to leave.
    expect(before.length).toBe(by === 'ssh2' ? 0 : 1);
    expect(leftHere()).toEqual(before);
    // As long as a process of the connection lives on the target, the file is that process's.
    const owner = Number(/-(\d+)-[0-9a-f]+\.ko$/.exec(path)?.[1]);
    await expect.poll(() => statSync(`/proc/${owner}`, { throwIfNoEntry: false })).toBeUndefined();

    const next = start(0);
    await next.line();
    expect(await next.line()).toBe('uploaded');
    expect(sizeThere(path)).toBeUndefined();
    expect(leftHere().filter((name) => before.includes(name))).toEqual([]);
    next.process.stdin?.write('\n');
    await once(next.process, 'exit');
    expect(leftHere()).toEqual([]);
  });
});
