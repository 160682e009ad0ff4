import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { buildModules, CACHE, openScratch, useDirectory } from '../kernel/scratch';
import { Cleanup, freePort } from '../ssh/machine';
import { installPackage } from './installPackage';
import { ownSsh } from './ownSsh';
import { useWorkbench } from './useWorkbench';

/** A target is told to be silent after 10 to 15 s, and lost after 15 to 20 s. */
const LIMIT = { timeout: 90_000, interval: 100 };

const cleanup = new Cleanup();
const directory = useDirectory();
const { env } = ownSsh(cleanup);
const silent = await freePort();
const keys = await ensureKeys(join(CACHE, 'keys'));
// A board: it reboots, and is no machine of the editor's.
const machine = await openScratch({
  kernelArguments: ['panic=1'],
  qemuArguments: ['-action', 'reboot=reset'],
});
cleanup.add(() => machine.dispose());
const { port } = machine.machine;

const workbench = useWorkbench({
  files: { 'README.md': '' },
  settings: {
    'kmod.targets': [
      { name: 'board', host: '127.0.0.1', port, user: 'root', identityFile: keys.identityFile },
      { name: 'silent', host: '127.0.0.1', port: silent, user: 'root' },
    ],
    'kmod.kernelLog.reveal': 'never',
  },
  env,
  // From the package: an editor with a development extension shows no modal question.
  prepare: installPackage,
});

let release: string;
const signal = (name: NodeJS.Signals): void => void process.kill(machine.machine.pid, name);
const board = () => workbench().row('Targets', 'board');
/** What the row says, and what the status bar says of the active target. */
const told = async (name = 'board'): Promise<string> =>
  (await workbench().rows('Targets')).find((row) => row.startsWith(`${name} `)) ?? '';
const says = async (pattern: RegExp, picture: string, button?: string): Promise<void> => {
  await expect.poll(told, LIMIT).toMatch(pattern);
  if (button !== undefined) {
    await workbench().welcomeButton('Loaded Modules', button).waitFor();
  }
  await workbench().pointAway();
  await workbench().screenshot(`target-${picture}`);
};

beforeAll(async () => {
  const { slow = '' } = await buildModules({ slow: { init: 'msleep(6000); return 0;' } }, directory);
  release = (await machine.run(['uname', '-r'])).stdout.toString().trim();
  copyFileSync(slow, join(workbench().workspace, 'slow.ko'));
  await workbench().openContainer('Kernel Modules');
  await workbench().widenSideBar(620);
});
afterAll(() => cleanup.run());

it('is disconnected at first, and then connecting', async () => {
  await says(/^board not connected · root@127\.0\.0\.1:\d+$/, 'disconnected', 'Start a Scratch Kernel');
  signal('SIGSTOP');
  await workbench().rowAction(board(), 'Connect');
  await says(/^board connecting… · active$/, 'connecting', 'Cancel');
  await workbench().openNotifications();
  expect(await workbench().notification('Connecting to board').innerText()).not.toMatch(/: *connecting/i);
  signal('SIGCONT');
});

it('asks for the host key, which Enter alone does not trust, and compares it with what is pasted', async () => {
  const knownKey = keys.hostKey;
  const fingerprint = execFileSync('ssh-keygen', ['-lf', '-'], { input: knownKey, encoding: 'utf8' });
  await workbench().dialog.waitFor();
  expect(await workbench().dialog.innerText()).toContain(fingerprint.split(' ')[1]);
  await workbench().screenshot('host-key-question');
  await workbench().press('Enter');
  await workbench().quickInput.fill('256 SHA256:AAAAC3NzaC1lZDI1NTE5AAAAIOther root@other (ED25519)');
  await expect
    .poll(() => workbench().quickInputMessage(), LIMIT)
    .toMatch(/^This is not the key that was offered: ssh-ed25519 SHA256:/);
  await workbench().screenshot('host-key-compared');
  await workbench().answer(fingerprint.trim());
});

it('is ready', async () => {
  await says(new RegExp(`^board ${release} · up \\d+ \\w+ · \\d+ ms( · tainted \\w+)? · active$`), 'ready');
  await workbench().statusBarItem('Kernel target board, ').waitFor();
});

it('is busy', async () => {
  await workbench().command('Kernel Modules: Load Module…');
  await workbench().quickPick('slow.ko').click();
  await says(new RegExp(`^board ${release} · busy: insmod slow · active$`), 'busy');
  await workbench().row('Loaded Modules', 'slow').waitFor();
});

it('does not answer, is lost, and is back when it goes on', async () => {
  signal('SIGSTOP');
  await says(new RegExp(`^board ${release} · does not answer · active$`), 'silent');
  await says(
    /^board connection lost · (next attempt at \d\d:\d\d:\d\d|.*\(attempt \d+\)) · active$/,
    'lost',
    'Try Now',
  );
  signal('SIGCONT');
  await workbench().welcomeButton('Loaded Modules', 'Try Now').click();
  await expect.poll(told, LIMIT).toMatch(new RegExp(`^board ${release} · up `));
});

it('reboots', async () => {
  await workbench().command('Kernel Modules: Reboot Target…');
  await workbench().dialog.getByRole('button', { name: 'Reboot board' }).click();
  await says(/^board rebooting · (next attempt at .*|.*\(attempt \d+\)) · active$/, 'rebooting', 'Try Now');
  await expect.poll(told, LIMIT).toMatch(new RegExp(`^board ${release} · up `));
});

it('is not reached', async () => {
  await workbench().rowAction(workbench().row('Targets', 'silent'), 'Connect');
  await workbench().told(`port ${silent}: connection refused. Is an SSH server running there?`);
  await expect
    .poll(() => told('silent'), LIMIT)
    .toMatch(/^silent not reached · root@127\.0\.0\.1:\d+ · active$/);
  await workbench().screenshot('target-failed');
});
