import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { buildModules, CACHE, go, openScratch, useDirectory, WAITS_FOR_GO } from '../kernel/scratch';
import { Cleanup, freePort } from '../ssh/machine';
import { installPackage } from './installPackage';
import { ownSsh } from './ownSsh';
import { again, STEP } from './patience';
import { useWorkbench } from './useWorkbench';

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
  await expect.poll(told).toMatch(pattern);
  if (button !== undefined) {
    await workbench().welcomeButton('Loaded Modules', button).waitFor();
  }
  await workbench().pointAway();
  await workbench().screenshot(`target-${picture}`);
};

beforeAll(async () => {
  const { slow = '' } = await buildModules({ slow: WAITS_FOR_GO }, directory);
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
  await says(/^board active · connecting…$/, 'connecting', 'Cancel');
  const progress = await workbench().told('Connecting to board');
  expect(await progress.innerText()).not.toMatch(/: *connecting/i);
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
    .poll(() => workbench().quickInputMessage())
    .toMatch(/^This is not the key that was offered: ssh-ed25519 SHA256:/);
  await workbench().screenshot('host-key-compared');
  await workbench().answer(fingerprint.trim());
});

it('is ready', async () => {
  await says(new RegExp(`^board active · ${release} · up \\d+ \\w+ · \\d+ ms( · tainted \\w+)?$`), 'ready');
  await workbench().statusBarItem('Kernel target board, ').waitFor();
});

it('is busy', async () => {
  await workbench().command('Kernel Modules: Load Module…');
  await workbench().quickPick('slow.ko').click();
  await says(new RegExp(`^board active · ${release} · busy: insmod slow$`), 'busy');
  await go(machine, 'slow');
  await workbench().row('Loaded Modules', 'slow').waitFor();
});

it('does not answer, is lost, and is back when it goes on', async () => {
  signal('SIGSTOP');
  await says(new RegExp(`^board active · ${release} · does not answer$`), 'silent');
  await says(
    /^board active · connection lost · (next attempt at \d\d:\d\d:\d\d|.*\(attempt \d+\))$/,
    'lost',
    'Try Now',
  );
  // Before it goes on: it would be back by itself.
  await workbench().pressWelcomeButton('Loaded Modules', 'Try Now');
  signal('SIGCONT');
  await expect.poll(told).toMatch(new RegExp(`^board active · ${release} · up `));
});

it('reboots', async () => {
  await workbench().command('Kernel Modules: Reboot Target…');
  await workbench().dialog.getByRole('button', { name: 'Reboot board' }).click();
  const rebooting = /^board active · rebooting · (next attempt at .*|.*\(attempt \d+\))$/;
  await expect.poll(told).toMatch(rebooting);
  // It is not back before it was looked at.
  signal('SIGSTOP');
  await says(rebooting, 'rebooting', 'Try Now');
  signal('SIGCONT');
  await expect.poll(told).toMatch(new RegExp(`^board active · ${release} · up `));
});

it('is not reached', async () => {
  await workbench().rowAction(workbench().row('Targets', 'silent'), 'Connect');
  await workbench().told(`port ${silent}: connection refused. Is an SSH server running there?`);
  await expect.poll(() => told('silent')).toMatch(/^silent active · not reached · root@127\.0\.0\.1:\d+$/);
  await workbench().screenshot('target-failed');
});

it('is the active one when its row is clicked, which a narrow side bar shows too', async () => {
  const active = workbench().view('Targets').locator('[aria-label^="Active target board, "]');
  await again(async () => {
    await board().click(STEP);
    await active.waitFor(STEP);
  });
  await expect.poll(told).toMatch(new RegExp(`^board active · ${release} · up `));
  const badge = () =>
    active.locator('.monaco-icon-label').evaluate((label) => getComputedStyle(label, '::after').content);
  await expect.poll(badge).toBe('"✓"');
  await workbench().widenSideBar(200);
  await workbench().pointAway();
  await workbench().screenshot('target-narrow');
});

it('is drawn as a graph that stays its own while another target is active', async () => {
  const select = (row: Locator): Promise<void> =>
    again(async () => {
      await row.click(STEP);
      await row.and(workbench().view('Targets').locator('[aria-label^="Active target "]')).waitFor(STEP);
    });
  const module = workbench().webview('[data-name="virtio_net"]');
  await workbench().command('Kernel Modules: Show Graph of Loaded Modules');
  await module.waitFor();
  await select(workbench().row('Targets', 'silent'));
  await workbench().webview('button[aria-label^="Read"]').click();
  await workbench().webview('p.problem').getByText('board is not the active target.').waitFor();
  // Nor does the list go on with those of the target before.
  await expect.poll(() => workbench().rows('Loaded Modules')).toEqual([]);
  await workbench().welcomeButton('Loaded Modules', 'Connect').waitFor();
  await workbench().screenshot('graph-of-another-target');
  await select(board());
  await module.waitFor();
});
