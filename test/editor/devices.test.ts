import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inGuest } from './scratchGuest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const workbench = useWorkbench({
  samples: ['edu'],
  settings: { 'kmod.kernelLog.reveal': 'never', 'workbench.colorTheme': 'Default Dark Modern' },
  developmentExtension: EXTENSION,
});

/** QEMU's edu device. */
const EDU = '0000:00:02.0';
const row = (label: string) => workbench().row('Devices', label);
const description = (label: string): Promise<string> =>
  row(label).locator('.label-description').first().innerText();
const bound = (): string =>
  inGuest(workbench().workspace, `basename $(readlink -f /sys/bus/pci/devices/${EDU}/driver)`).trim();

beforeAll(async () => {
  await workbench().openContainer('Kernel Modules');
  await workbench().widenSideBar(460);
  await workbench().pressWelcomeButton('Loaded Modules', 'Start a Scratch Kernel');
  await workbench().row('Loaded Modules', 'virtio_net').waitFor();
});

describe('the devices of the scratch kernel', () => {
  it('list the edu device without a driver', async () => {
    await workbench().unfold('Loaded Modules', false);
    await workbench().unfold('Targets', false);
    await workbench().unfold('Devices');
    await expect.poll(() => description(EDU)).toMatch(/^no driver/);
    await expect.poll(() => description('virtio0')).toMatch(/^virtio_net/);
  });

  it('show the driver and its module once the sample is loaded', async () => {
    await workbench().command('Kernel Modules: Load Module…');
    await workbench().quickPick('edu').click();
    await expect.poll(() => description(EDU)).toMatch(/^edu/);
    await workbench().expand(row(EDU));
    await expect.poll(() => workbench().rows('Devices')).toContain('edu drives it · loaded · built here');
    await workbench().settle();
    await workbench().screenshot('devices');
  });

  it('are found from the page of a module that would claim them', async () => {
    await workbench().openModule('edu/edu.ko');
    await workbench().webview('body').getByRole('button', { name: 'Devices it would claim…' }).click();
    await expect.poll(() => workbench().quickPicks()).toEqual([expect.stringMatching(`^${EDU} pci · edu`)]);
    await workbench().quickPick(EDU).click();
    await expect.poll(() => row(EDU).getAttribute('aria-selected')).toBe('true');
  });

  it('are unbound and bound again', async () => {
    await workbench().rowAction(row(EDU), 'Unbind from Driver');
    await expect.poll(() => description(EDU)).toMatch(/^no driver/);
    await workbench().rowAction(row(EDU), 'Bind to Driver…');
    await workbench().quickPick('edu').click();
    await expect.poll(() => description(EDU)).toMatch(/^edu/);
    expect(bound()).toBe('edu');
  });

  it('are not taken away without a question where the connection runs over them', async () => {
    await workbench().rowAction(row('0000:00:01.0'), 'Unbind from Driver');
    // An editor under test shows no modal dialog, and says which it would have shown.
    await workbench().told('Unbind 0000:00:01.0 from virtio-pci on scratch?');
  });

  it('are those alone that have no driver when they are filtered', async () => {
    await workbench().command('Kernel Modules: Show Only Devices without a Driver');
    await row(EDU).waitFor({ state: 'detached' });
    await workbench().command('Kernel Modules: Show All Devices');
    await row(EDU).waitFor();
  });
});

describe('the graph of the loaded modules', () => {
  const graph = () => workbench().webview('svg.graph');
  const node = (name: string) => graph().locator(`[data-name="${name}"]`);

  it('shows every module, and tells a screen reader what it needs', async () => {
    await workbench().command('Kernel Modules: Show Graph of Loaded Modules');
    await node('virtio_net').waitFor();
    expect(await node('virtio_net').getAttribute('aria-label')).toMatch(
      /^virtio_net, loaded, \d+ KB, 0 references, needs .*net_failover/,
    );
    expect(await graph().locator('[data-node]').count()).toBe(
      Number(inGuest(workbench().workspace, 'wc -l </proc/modules').trim()),
    );
    await workbench().screenshot('graph');
  });

  it('goes from module to module by the keyboard, and lights up what is connected', async () => {
    await node('net_failover').focus();
    await workbench().press('ArrowRight');
    await expect.poll(() => node('net_failover').getAttribute('tabindex')).toBe('-1');
    await node('net_failover').hover();
    await expect.poll(() => node('virtio_net').getAttribute('class')).toContain('near');
    expect(await node('edu').getAttribute('class')).not.toContain('near');
  });

  it('is exported in the colours of the theme', async () => {
    const file = join(workbench().workspace, 'graph.svg');
    await workbench().webview('button[aria-label^="Save the graph"]').click();
    // The dialog writes its proposal over what was typed before it.
    await expect.poll(() => workbench().quickInput.inputValue()).toContain('.svg');
    await workbench().answer(file);
    // The editor's own file dialog takes no answer while it still lists a folder.
    const saved = async (): Promise<boolean> => {
      if (!existsSync(file) && (await workbench().quickInput.isVisible())) {
        await workbench().press('Enter');
      }
      return existsSync(file);
    };
    await expect.poll(saved, { interval: 1000 }).toBe(true);
    const svg = readFileSync(file, 'utf8');
    expect(svg).toContain('virtio_net');
    expect(svg).not.toContain('var(');
    expect(svg).not.toContain('#808080');
  });

  it('opens what is clicked', async () => {
    await node('edu').click();
    await workbench().editorTab('edu').waitFor();
  });
});
