import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { abandon, temporaryPath } from '../../client/kernel/temporaryFiles';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import { settledWithin } from '../../client/targets/abort';
import { posixChecksum } from '../../client/targets/checksum';
import { ConnectError, TargetLostError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import type { Prompts } from '../../client/targets/prompts';
import { TargetManager, type TargetState } from '../../client/targets/targetManager';
import {
  authorize,
  Cleanup,
  descendants,
  freePort,
  makeKey,
  makeNetwork,
  makeUser,
  runAsRoot,
  startDropbear,
  startSshd,
  temporaryDirectory,
  type TestNetwork,
  type TestUser,
} from './machine';
import { FOR_SSH_ITSELF, openTarget, Person, type Opening } from './opening';
import { line, relay, relayThatCuts } from './wires';

const cleanup = new Cleanup();
const perTest = new Cleanup();
let directory: string;
let key: string;
let user: TestUser;
const unhandled: unknown[] = [];
const notice = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', notice);
  directory = temporaryDirectory(cleanup);
  key = makeKey(directory, 'login');
  user = makeUser(cleanup);
  authorize(user, `${key}.pub`);
});
afterEach(async () => {
  await perTest.run();
  expect(unhandled).toEqual([]);
});
afterAll(async () => {
  process.off('unhandledRejection', notice);
  await cleanup.run();
});

/** A manager whose target "board" is opened as told. */
function boardAt(opening: Omit<Opening, 'user' | 'knownHosts'>): TargetManager {
  const manager = new TargetManager({
    open: (_definition, { signal, step }) =>
      openTarget(perTest, {
        user: user.name,
        identityFile: key,
        knownHosts: join(directory, 'known_hosts'),
        ...opening,
        signal,
        step,
      }),
    probe: (target, signal) => welcomeTarget(target, signal, () => undefined),
    delays: [200],
  });
  perTest.add(() => manager.dispose());
  manager.setDefinitions([{ kind: 'ssh', name: 'board', host: 'board' }]);
  return manager;
}

const whenBoard = async (
  manager: TargetManager,
  kind: TargetState['kind'],
  fits: (state: TargetState) => boolean = () => true,
): Promise<void> => {
  const isThere = (): boolean => manager.state('board').kind === kind && fits(manager.state('board'));
  await expect.poll(() => (isThere() ? kind : manager.state('board')), { interval: 20 }).toBe(kind);
};

describe('a network that is cut', () => {
  let network: TestNetwork;
  let port: number;
  beforeAll(async () => {
    network = makeNetwork(cleanup);
    const hostKeys = [makeKey(directory, 'host')];
    ({ port } = await startSshd(cleanup, { hostKeys, network }));
  });
  afterEach(() => network.mend());

  it('for 5 s harms neither a command nor an upload', async () => {
    const manager = boardAt({ host: network.address, port });
    const { target } = await manager.connect('board');
    const data = randomBytes(20_000_000);
    const path = `${user.home}/over-the-cut`;
    const upload = target.upload(data, path);
    // Whichever goes first: over a line that seems slow a file is packed before.
    const command = target.run(['echo', 'there']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    network.cut();
    await new Promise((resolve) => setTimeout(resolve, 5000));
    network.mend();
    await upload;
    expect((await command).stdout.toString()).toBe('there\n');
    const { stdout } = await target.run(['cksum', path]);
    expect(Number(stdout.toString().split(' ')[0])).toBe(posixChecksum(data));
    expect(manager.state('board')).toMatchObject({ kind: 'connected', target });
  });

  it('for ever is told, and mended by itself once the network is', async () => {
    const manager = boardAt({ host: network.address, port, limits: { keepaliveMs: 300, connectMs: 1000 } });
    const { target } = await manager.connect('board');
    const path = '/var/tmp/vscode-kmod-0-1-cut.ko';
    const upload = target.upload(randomBytes(200_000_000), path);
    const rejected = expect(upload).rejects.toThrow(TargetLostError);
    await new Promise((resolve) => setTimeout(resolve, 200));
    network.cut();
    await rejected;
    abandon(target, path);
    await whenBoard(manager, 'lost', (state) => state.kind === 'lost' && (state.retry?.attempt ?? 0) > 1);
    network.mend();
    await whenBoard(manager, 'connected');
    expect(manager.state('board')).toMatchObject({ returned: { rebooted: false } });
    expect(readdirSync('/var/tmp').filter((name) => name.endsWith('-cut.ko'))).toEqual([]);
  });
});

describe('a host key', () => {
  it('that is another one when a lost target is back ends the attempts', async () => {
    const port = await freePort();
    const first = new Cleanup();
    const server = await startSshd(first, { hostKeys: [makeKey(directory, 'before')], port });
    writeFileSync(join(directory, 'known_hosts_flash'), '');
    const manager = boardAt({
      port,
      knownHosts: join(directory, 'known_hosts_flash'),
      prompts: new Person({ hostKey: 'remember' }),
    } as Omit<Opening, 'user' | 'knownHosts'>);
    await manager.connect('board');
    // What serves a connection outlives its listener.
    const serving = descendants(server.pid);
    await first.run();
    await startSshd(perTest, { hostKeys: [makeKey(directory, 'after')], port });
    runAsRoot(['kill', '-KILL', ...serving.map(String)]);
    await whenBoard(manager, 'failed');
    const state = manager.state('board');
    expect(state.kind === 'failed' && state.error).toBeInstanceOf(ConnectError);
    expect(state).toMatchObject({ error: { kind: 'hostKey' } });
  });
});

describe('an upload', () => {
  it('at 300 KB/s is never taken for a dead target', async () => {
    const { port } = await startSshd(perTest, { hostKeys: [makeKey(directory, 'slow')] });
    const slow = await relay(perTest, port, (chunk, send) => setTimeout(send, chunk.length / 300));
    const manager = boardAt({ port: slow, limits: { keepaliveMs: 1000 } });
    const { target } = await manager.connect('board');
    await target.upload(randomBytes(1_500_000), `${user.home}/slow`);
    expect(manager.state('board')).toMatchObject({ kind: 'connected', target });
  });

  it.each([
    ['goes through gzip', [], 60_000],
    ['goes as it is where the target has no gzip', ['SetEnv PATH=/only'], 2_000_000],
  ])('over a slow line %s', async (_, settings, most) => {
    const only = temporaryDirectory(perTest);
    for (const program of ['sh', 'cat', 'cksum', 'rm', 'id', 'uname']) {
      symlinkSync(`/bin/${program}`, join(only, program));
    }
    const { port } = await startSshd(perTest, {
      hostKeys: [makeKey(temporaryDirectory(perTest), 'far')],
      settings: settings.map((setting) => setting.replace('/only', only)),
    });
    let sent = 0;
    const far = await relay(perTest, port, (chunk, send) => {
      sent += chunk.length;
      setTimeout(send, 20);
    });
    const target = await openTarget(perTest, {
      port: far,
      user: user.name,
      identityFile: key,
      knownHosts: join(temporaryDirectory(perTest), 'known_hosts'),
    });
    const data = Buffer.alloc(1_000_000, 'a page of a module\n');
    await target.run(['true']);
    sent = 0;
    const path = `${user.home}/packed${settings.length}`;
    await target.upload(data, path);
    expect(sent).toBeLessThan(most);
    expect(sent > data.length).toBe(settings.length > 0);
    expect((await target.run(['cksum', path])).stdout.toString()).toContain(String(posixChecksum(data)));
  });

  it('that is cut at 100 random points is never used in part, and leaves nothing behind', async () => {
    const { port } = await startDropbear(perTest);
    const data = randomBytes(300_000);
    const sum = String(posixChecksum(data));
    const used = `${user.home}/used`;
    const cutting = await relayThatCuts(perTest, port);
    const manager = boardAt({ port: cutting.port });
    let wholes = 0;
    // A little more crosses the wire than the file: some are not cut.
    const points = fc.sample(fc.integer({ min: 0, max: 312_000 }), { numRuns: 100 });
    for (const [round, point] of points.entries()) {
      const { target, facts } = await manager.connect('board');
      cutting.cutAfter(point);
      let path: string | undefined;
      try {
        const owner = await target.run(['sh', '-c', 'echo $PPID']);
        path = temporaryPath('/var/tmp', facts, Number(owner.stdout.toString()));
        await target.upload(data, path);
        await target.run(['sh', '-c', 'cksum < "$1" >> "$2"; rm "$1"', 'sh', path, used]);
        wholes += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(TargetLostError);
        if (path !== undefined && round % 2 === 0) {
          abandon(target, path);
        }
      }
      cutting.mend();
    }
    const { target } = await manager.connect('board');
    expect(wholes).toBeLessThan(100);
    const sums = readFileSync(used, 'utf8').trim().split('\n');
    expect(sums.map((line) => line.split(' ')[0])).toEqual(sums.map(() => sum));
    expect(sums.length).toBeGreaterThanOrEqual(wholes);
    // The last one's server may still be about to see that its client is gone.
    await expect
      .poll(async () =>
        (await target.run(['sh', '-c', 'ls /var/tmp | grep vscode-kmod || true'])).stdout.toString(),
      )
      .toBe('');
  });
});

describe('no promise outlives its connection', () => {
  /** sudo's password is asked for, and never given. */
  const absent: Prompts = {
    confirmHostKey: () => Promise.resolve('once'),
    secret: () => new Promise(() => undefined),
  };
  const operations: Record<string, (target: Target) => Promise<unknown>> = {
    'a command': (target) => target.run(['true']),
    'a long command': (target) => target.run(['sleep', '300'], { timeoutMs: 600_000 }),
    'a flood': (target) => target.run(['yes'], { maxOutputBytes: 1e9, timeoutMs: 600_000 }),
    'a command with stdin': (target) => target.run(['cat'], { stdin: randomBytes(1_000_000) }),
    'a command that a person has to allow': (target) =>
      target.run(['sleep', '300'], { asRoot: true, timeoutMs: 600_000 }),
    'an upload': (target) =>
      target.upload(randomBytes(2_000_000), `${user.home}/${randomBytes(8).toString('hex')}`),
    'a stream': (target) =>
      target.stream(['sh', '-c', 'while echo tick; do sleep 0.01; done'], {
        signal: new AbortController().signal,
        onData: () => undefined,
      }),
  };

  it.each([
    ['OpenSSH', false],
    ['dropbear', false],
    ["OpenSSH through the system's ssh", true],
  ])(
    'on %s, whatever runs there and however it ends',
    async (kind, system) => {
      const server =
        kind === 'dropbear'
          ? await startDropbear(perTest)
          : await startSshd(perTest, { hostKeys: [makeKey(directory, `ends_${system}`)] });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...Object.entries(operations)), { minLength: 1, maxLength: 8 }),
          fc.integer({ min: 0, max: 150 }),
          fc.constantFrom('cut', 'silence', 'dispose', 'kill'),
          async (chosen, moment, end) => {
            const way = await line(perTest, server.port);
            const target = await openTarget(perTest, {
              port: way.port,
              user: user.name,
              identityFile: key,
              knownHosts: join(directory, `known_hosts_${way.port}`),
              prompts: absent,
              limits: { keepaliveMs: 250 },
              ...(system ? { configLines: FOR_SSH_ITSELF } : {}),
            });
            const under = chosen.map(([, begin]) => begin(target));
            const settled = Promise.allSettled(under);
            await new Promise((resolve) => setTimeout(resolve, moment));
            switch (end) {
              case 'cut':
                way.cut();
                break;
              case 'silence':
                way.silence();
                break;
              case 'kill':
                runAsRoot([
                  'sh',
                  '-c',
                  'kill -KILL "$@" 2>/dev/null; true',
                  'sh',
                  ...descendants(server.pid).map(String),
                ]);
                break;
              case 'dispose':
                await target.dispose();
                break;
            }
            expect(await settledWithin(settled, 100_000)).toBe(true);
            for (const outcome of await settled) {
              const told = outcome.status === 'fulfilled' ? 'nothing' : (outcome.reason as Error).name;
              expect(['nothing', 'TargetLostError']).toContain(told);
            }
            await expect.poll(() => target.lost.aborted).toBe(true);
            await expect(target.run(['true'])).rejects.toThrow(TargetLostError);
            await target.dispose();
          },
        ),
        { numRuns: Number(process.env['KMOD_ROUNDS'] ?? 10) },
      );
    },
    600_000,
  );
});
