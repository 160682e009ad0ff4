import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureKeys, type ScratchKeys } from '../../client/targets/scratch/keys';
import type { ScratchTarget } from '../../client/targets/scratchTarget';
import type { Target } from '../../client/targets/target';
import { authorize, Cleanup, makeKey, makeUser, startSshd, type TestUser } from '../ssh/machine';
import { Lines, openTarget, type Opening } from '../ssh/opening';
import { mainJob } from './mainJob';
import { buildSample, CACHE, openScratch, useDirectory } from './scratch';

const directory = useDirectory();
const cleanup = new Cleanup();
let hello: string;
let keys: ScratchKeys;

beforeAll(async () => {
  hello = (await buildSample('hello', directory))['hello'] ?? '';
  keys = await ensureKeys(join(CACHE, 'keys'));
});
afterAll(() => cleanup.run());

const there = async (target: Target, ...programs: string[]): Promise<string> =>
  (await target.run(['sh', '-c', 'for p; do command -v "$p"; done; true', 'sh', ...programs])).stdout
    .toString()
    .trim();

describe('the main job', () => {
  let machine: ScratchTarget;
  const log = new Lines();
  beforeAll(async () => {
    machine = await openScratch();
    cleanup.add(() => machine.dispose());
  });

  /** The machine as somebody else's board: its SSH server is all that is known of it. */
  const board = (how: Partial<Opening> = {}, known: readonly string[] = []): Promise<Target> => {
    const { port } = machine.machine;
    const knownHosts = join(directory, 'known_hosts');
    const lines = [`[127.0.0.1]:${port} ${keys.hostKey}`, ...known];
    writeFileSync(knownHosts, lines.map((line) => `${line}\n`).join(''));
    return openTarget(cleanup, {
      port,
      user: 'root',
      identityFile: keys.identityFile,
      knownHosts,
      log: log.log,
      ...how,
    });
  };

  it('is done on dropbear, which has no SFTP', async () => {
    const target = await board();
    expect(await there(target, '/usr/lib/sftp-server', '/usr/lib/openssh/sftp-server', 'sftp-server')).toBe(
      '',
    );

    expect(await mainJob(target, hello)).toMatchObject({ root: 'login', tools: 'kmod' });
  });

  it('is done over two jump hosts', async () => {
    const user: TestUser = makeUser(cleanup);
    const key = makeKey(directory, 'jump');
    const host = makeKey(directory, 'jump_host');
    authorize(user, `${key}.pub`);
    const gates = [
      await startSshd(cleanup, { hostKeys: [host] }),
      await startSshd(cleanup, { hostKeys: [host] }),
    ];
    const hostKey = readFileSync(`${host}.pub`, 'utf8').trim();
    const jump = gates.map(({ port }) => `${user.name}@127.0.0.1:${port}`).join(',');
    const configLines = [
      'Host board',
      '  HostName 127.0.0.1',
      `  ProxyJump ${jump}`,
      'Host *',
      `  IdentityFile ${key}`,
      '  IdentitiesOnly yes',
    ];

    const target = await board(
      { host: 'board', configLines },
      gates.map(({ port }) => `[127.0.0.1]:${port} ${hostKey}`),
    );
    await mainJob(target, hello);

    expect(log.text).toContain(`proxy: 'ssh'`);
    for (const { port } of gates) {
      expect(log.text).toContain(String(port));
    }
  });

  it("is done through the system's ssh", async () => {
    const target = await board({ configLines: ['KnownHostsCommand /bin/true'] });
    await mainJob(target, hello);
    expect(target.via).toBe("the system's ssh, for KnownHostsCommand /bin/true");
  });

  it('is done where there is BusyBox and nothing else', async () => {
    const target = await openScratch({ kmod: false });
    cleanup.add(() => target.dispose());
    expect(await there(target, 'kmod', 'sudo', 'doas', 'bash', 'dash', 'python3')).toBe('');

    expect(await mainJob(target, hello)).toMatchObject({ root: 'login', tools: 'busybox' });
  });
});
