import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  authorize,
  Cleanup,
  makeKey,
  makeUser,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { FOR_SSH_ITSELF, Lines, openTarget, Person, type Opening } from './opening';
import { watchProcesses } from './processWatch';

const cleanup = new Cleanup();
const perTest = new Cleanup();
let directory: string;
let server: TestServer;
let sudoer: TestUser;
let locked: string;

/** What of a secret no quoting changes. */
const core = (secret: string): string => /[0-9a-f]{12}/.exec(secret)?.[0] ?? secret;
const passphrase = `phrase ${randomBytes(6).toString('hex')} "word`;
const rootPassword = `root's ${randomBytes(6).toString('hex')}`;

beforeAll(async () => {
  directory = temporaryDirectory(cleanup);
  sudoer = makeUser(cleanup, 'ALL=(ALL:ALL) ALL');
  server = await startSshd(cleanup, { hostKeys: [makeKey(directory, 'host')] });
  locked = makeKey(directory, 'locked', 'ed25519', passphrase);
});
afterEach(() => perTest.run());
afterAll(() => cleanup.run());

const WAYS = [
  ['ssh2', {}, []],
  ["the system's ssh", { configLines: FOR_SSH_ITSELF }, ['ssh']],
] as const;

describe.each(WAYS)('a secret that %s is given', (_by, options, ours) => {
  /** Logs in, and looks at all processes meanwhile, and while a command runs as root. */
  const workAsRoot = async (
    through: 'sudo' | 'su',
    secrets: readonly string[],
    opening: Partial<Opening>,
  ): Promise<void> => {
    const person = new Person({ hostKey: 'once', secrets });
    const log = new Lines();
    const look = watchProcesses(perTest, secrets.map(core));
    await look();
    const target = await openTarget(perTest, {
      port: server.port,
      user: sudoer.name,
      knownHosts: join(directory, 'known_hosts'),
      prompts: person,
      log: log.log,
      ...options,
      ...opening,
    });
    const gate = temporaryDirectory(perTest);
    const [began, goOn] = [join(gate, 'began'), join(gate, 'go on')];
    const root = target.run(
      ['sh', '-c', ': > "$1"; until [ -e "$2" ]; do sleep 0.1; done; id -u; cat', 'sh', began, goOn],
      { asRoot: true, stdin: Buffer.from('data'), timeoutMs: 120_000 },
    );
    await expect.poll(() => existsSync(began)).toBe(true);
    const { found, programs } = await look();
    writeFileSync(goOn, '');
    const { stdout, stderr } = await root;
    expect(stdout.toString()).toBe('0\ndata');
    const own = await target.run(['sh', '-c', 'env; set']);
    await target.dispose();

    expect(person.questions.length).toBe(secrets.length);
    expect(found).toEqual([]);
    // It was looked while they ran.
    expect(programs).toEqual(expect.arrayContaining(['sshd', through, ...ours]));
    for (const secret of secrets) {
      for (const text of [log.text, own.stdout.toString(), stderr]) {
        expect(text).not.toContain(core(secret));
      }
    }
  };

  it('for the login and for sudo is in no argv, no environment and no log', () =>
    workAsRoot('sudo', [sudoer.password, sudoer.password], {
      identityFile: makeKey(temporaryDirectory(perTest), 'unknown'),
    }));

  it('for a key and for sudo is in no argv, no environment and no log', async () => {
    authorize(sudoer, `${locked}.pub`);
    await workAsRoot('sudo', [passphrase, sudoer.password], { identityFile: locked });
  });

  it('for su, on a terminal, is in no argv, no environment and no log', async () => {
    authorize(sudoer, `${locked}.pub`);
    const { port } = await startSshd(perTest, {
      hostKeys: [makeKey(temporaryDirectory(perTest), 'host')],
      on: { rootPassword, without: ['/usr/bin/sudo', '/usr/bin/doas'] },
    });
    await workAsRoot('su', [passphrase, rootPassword], { identityFile: locked, port });
  });
});

it('the watch sees what is in an argv, and what is in an environment', async () => {
  const look = watchProcesses(perTest, ['a secret word', 'another one', 'a third']);
  const child = spawn('sleep', ['3600'], {
    argv0: 'a secret word',
    env: { ...process.env, X: 'another one' },
  });
  perTest.add(() => child.kill());
  await once(child, 'spawn');
  const { found, programs } = await look();
  expect(found).toEqual(['0 in the argv of a secret word', '1 in the environment of a secret word']);
  expect(programs).toContain('sleep');
});
