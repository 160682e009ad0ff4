import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { inGuest } from './scratchGuest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const VIEW = 'Available Modules';

const workbench = useWorkbench({
  samples: ['hello'],
  settings: { 'kmod.kernelLog.reveal': 'never', 'workbench.colorTheme': 'Default Dark Modern' },
  developmentExtension: EXTENSION,
});

const row = (label: string) => workbench().row(VIEW, label);
const description = (): Promise<string> => workbench().view(VIEW).locator('.description').innerText();

beforeAll(async () => {
  const { modulesDirectory } = await findKernel();
  mkdirSync(join(workbench().workspace, 'copy'));
  copyFileSync(
    join(modulesDirectory, 'kernel/drivers/net/virtio_net.ko'),
    join(workbench().workspace, 'copy/same.ko'),
  );
  await workbench().openContainer('Kernel Modules');
  await workbench().widenSideBar(460);
});

describe('the available modules', () => {
  it('are those of this machine while no target is connected', async () => {
    await workbench().unfold('Targets', false);
    await workbench().unfold(VIEW);
    await row('kernel').waitFor();
    await expect.poll(description).toMatch(/^this machine · \d/);
    await workbench().screenshot('available-modules-local');
  });

  it('are found by a modalias, a symbol and the text of a parameter', async () => {
    await workbench().command('Kernel Modules: Search Available Modules…');
    await workbench().quickInput.fill('virtio:d00000001v00001AF4');
    await workbench().quickPick('virtio_net').waitFor();
    await workbench().quickInput.fill('failover_create');
    await workbench().quickPick('net_failover').waitFor();
    await workbench().screenshot('available-modules-search');
    await workbench().quickInputButton('Search Parameters').click();
    await workbench().quickInput.fill('napi_tx');
    await workbench().quickPick('virtio_net').waitFor();
    await workbench().screenshot('available-modules-parameter');
    await workbench().press('Enter');
    await row('virtio_net').waitFor();
  });

  it('are those of a target once it is connected, and its loaded ones are marked', async () => {
    await workbench().pressWelcomeButton('Loaded Modules', 'Start a Scratch Kernel');
    await workbench().row('Loaded Modules', 'virtio_net').waitFor();
    await workbench().unfold('Loaded Modules', false);
    await expect.poll(description).toMatch(/^scratch · \d/);
    await workbench().command('Kernel Modules: Search Available Modules…');
    await workbench().answer('virtio_net');
    await expect.poll(() => workbench().rows(VIEW)).toContain('virtio_net loaded');
    await workbench().expand(row('virtio_net'));
    await row('depends on').waitFor();
    await workbench().screenshot('available-modules');
  });

  it('tell who needs a module', async () => {
    await workbench().command('Kernel Modules: Show Who Needs a Module…');
    await workbench().answer('failover');
    await workbench().quickPick('net_failover').waitFor();
    await workbench().screenshot('available-modules-who-needs');
    await workbench().press('Escape');
  });

  it("open as the page of the target's file, with who exports what it takes there", async () => {
    await row('virtio_net').click();
    await workbench().contextMenu(row('virtio_net'), 'Show Modinfo');
    await workbench().editorTab('virtio_net · scratch').waitFor();
    const page = workbench().webview('body');
    await page.getByRole('heading', { name: 'virtio_net', level: 1 }).waitFor();
    expect(await page.innerText()).toMatch(/The module that is installed on scratch, which runs \d/);
    const imports = page.getByRole('table', { name: 'Imports' });
    await imports.getByRole('row', { name: 'net_failover_create net_failover' }).waitFor();
    await workbench().settle();
    await workbench().screenshot('module-page-target');
    await imports.getByRole('link', { name: 'net_failover' }).first().click();
    await workbench().editorTab('net_failover · scratch').waitFor();
  });

  it('are compared with a build, byte by byte', async () => {
    await workbench().editorTab('virtio_net · scratch').click();
    await workbench().webview('body').getByRole('button', { name: 'Compare with…' }).click();
    await workbench().quickPick('copy/same.ko').click();
    await workbench().editorTab('scratch:virtio_net.ko ↔ copy/same.ko').waitFor();
    const page = workbench().webview('body');
    await page.getByText('No difference: every section has the same content.').waitFor();
    await workbench().editorTab('net_failover · scratch').click();
  });

  it('open as text where they have no file, or where that is asked for', async () => {
    await workbench().webview('body').getByRole('button', { name: 'Show as text' }).click();
    await workbench().editor.line('depends:').first().waitFor();
    await expect
      .poll(async () => (await workbench().editor.lines())[0])
      .toMatch(/^filename: +scratch:\/lib\/modules\/.*net_failover\.ko/);
    await workbench().command('Kernel Modules: Search Available Modules…');
    await workbench().answer('unix');
    await workbench().contextMenu(row('unix').last(), 'Show Modinfo');
    await workbench().editorTab('unix.modinfo').waitFor();
  });

  it('are loaded from their row', async () => {
    await workbench().command('Kernel Modules: Search Available Modules…');
    await workbench().answer('dummy');
    await workbench().rowAction(row('dummy'), 'Modprobe…');
    await expect.poll(() => workbench().rows(VIEW)).toContain('dummy loaded');
    expect(inGuest(workbench().workspace, 'cat /proc/modules')).toMatch(/^dummy /m);
  });

  it('are shown again when the window is reloaded, once their target is connected', async () => {
    const tab = workbench().editorTab('virtio_net · scratch');
    await tab.click();
    await workbench().reload('"memory":{"target":"scratch","module":"virtio_net"}');
    await tab.click();
    const page = workbench().webview('body');
    await page.getByText('scratch: not started').waitFor();
    await workbench().screenshot('module-page-target-away');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('The module that is installed on scratch, which runs ').waitFor();
    await page.getByRole('heading', { name: 'virtio_net', exact: true }).waitFor();
  });
});
