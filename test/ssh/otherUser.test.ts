import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readSituation } from '../../client/kernel/commands';
import { temporaryPath } from '../../client/kernel/temporaryFiles';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import type { Target, TargetFacts } from '../../client/targets/target';
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
import { openTarget } from './opening';

const cleanup = new Cleanup();
let key: string;
let user: TestUser;
let stranger: TestUser;

beforeAll(() => {
  // The homes are where /tmp of the other machine does not hide them.
  vi.stubEnv('TMPDIR', '/var/tmp');
  key = makeKey(temporaryDirectory(cleanup), 'login');
  user = makeUser(cleanup, 'ALL=(ALL:ALL) NOPASSWD: ALL');
  stranger = makeUser(cleanup);
  for (const one of [user, stranger]) authorize(one, `${key}.pub`);
});
afterAll(async () => {
  await cleanup.run();
  vi.unstubAllEnvs();
});

/** Puts a file of its own where another user's temporary file is, wherever that is, as soon as it is there. */
const SWAP = `
echo ready
while :; do
  for file in /tmp/vscode-kmod-*.ko /run/vscode-kmod-*.ko /dev/shm/vscode-kmod-*.ko /var/tmp/vscode-kmod-*.ko; do
    [ -f "$file" ] && [ ! -O "$file" ] || continue
    mv -f "$file" "$file.away" 2> /dev/null && echo evil > "$file"
  done
done`;

/** A machine whose /tmp has this mode, with a stranger who swaps what he can. */
async function besieged(tmpMode: string): Promise<{ target: Target; facts: TargetFacts }> {
  const directory = temporaryDirectory(cleanup);
  const server: TestServer = await startSshd(cleanup, {
    hostKeys: [makeKey(directory, 'host')],
    on: { tmpMode },
  });
  const open = ({ name }: TestUser): Promise<Target> =>
    openTarget(cleanup, {
      port: server.port,
      user: name,
      identityFile: key,
      knownHosts: join(directory, 'known_hosts'),
    });
  const swapping = await open(stranger);
  const stop = new AbortController();
  let swaps: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    const onData = (): void => resolve();
    swaps = swapping.stream(['sh', '-c', SWAP], { signal: stop.signal, onData });
  });
  cleanup.add(async () => {
    stop.abort();
    await swaps;
  });
  const target = await open(user);
  return { target, facts: await welcomeTarget(target, stop.signal, () => undefined) };
}

/** Where a load would write to. The kernel under the tests may have no modules, which readSituation() takes for an error. */
async function placeFor(target: Target, facts: TargetFacts): Promise<{ directory: string; owner: number }> {
  const { stdout } = await target.run(readSituation(facts.release, 2_000_000).argv);
  const [first = '', place = ''] = stdout.toString().split('\n');
  return { directory: place.split(' ')[1] ?? '', owner: Number.parseInt(first) };
}

/** Uploads as a load does, into this directory; tells whether root then reads what was sent. */
async function arrives(
  target: Target,
  facts: TargetFacts,
  directory: string,
  owner: number,
): Promise<boolean> {
  const data = randomBytes(2_000_000);
  const path = temporaryPath(directory, facts, owner);
  await target.upload(data, path).catch(() => undefined);
  const { stdout } = await target.run(['sh', '-c', 'sleep 0.2; sha256sum < "$1"', 'sh', path], {
    asRoot: true,
  });
  await target.run(['rm', '-f', path, `${path}.away`], { asRoot: true });
  return stdout.toString().startsWith(createHash('sha256').update(data).digest('hex'));
}

it('another user of a target whose /tmp has no sticky bit can replace nothing that is loaded', async () => {
  const { target, facts } = await besieged('0777');
  const { directory, owner } = await placeFor(target, facts);
  expect(['/run', '/dev/shm', '/var/tmp']).toContain(directory);
  for (let round = 0; round < 5; round += 1) {
    expect(await arrives(target, facts, directory, owner)).toBe(true);
  }
  // He would, in /tmp.
  expect(await arrives(target, facts, '/tmp', owner)).toBe(false);
});

it('another user of a target can replace nothing in a /tmp that has the sticky bit', async () => {
  const { target, facts } = await besieged('1777');
  const { directory, owner } = await placeFor(target, facts);
  expect(directory).toBe('/tmp');
  for (let round = 0; round < 5; round += 1) {
    expect(await arrives(target, facts, directory, owner)).toBe(true);
  }
});
