import { basename } from 'node:path';
import { expect } from 'vitest';
import type { Workbench } from '../workbench';
import type { Look } from './trap';

/** Until a page says something, or a list has what is picked. */
const SOON = { timeout: 30_000 };

/** Clicks a file of a trap, and waits for what its page says or asks for a hover: there need not be one. */
export async function lookAt(workbench: Workbench, folder: string, { path, as, hover }: Look): Promise<void> {
  await workbench.explorer.open(`${folder}/${path}`);
  if (as === 'page') {
    const [name = ''] = basename(path).split('.');
    const page = workbench.webview('body').filter({ hasText: name });
    await page.locator('h1, [role="alert"]').first().waitFor(SOON);
  }
  if (hover !== undefined) {
    await workbench.editor.goTo(...hover);
    await workbench.press('Control+K');
    await workbench.press('Control+I');
  }
}

/** Files without a trap: what is said of them tells that the language server and the extension host still answer. */
export async function explainHealthy(workbench: Workbench): Promise<void> {
  await workbench.explorer.open('healthy/modprobe.d/good.conf');
  await workbench.editor.hover('options dummy', 'options', 'Adds options to the module');
  await workbench.explorer.open('healthy/Kbuild');
  await workbench.editor.hover('obj-m', 'healthy.o', 'not built yet');
  await workbench.pointAway();
}

const pick = async (workbench: Workbench, module: string): Promise<void> => {
  await workbench.quickPick(module).click(SOON);
};

/** What the palette offers where a workspace is not trusted, and how its question is answered with a trap. */
export const COMMANDS: Readonly<Record<string, (workbench: Workbench) => Promise<void>>> = {
  'Compare Modules…': async (workbench) => {
    await pick(workbench, 'modules/names.ko');
    await pick(workbench, 'modules/alignment.ko');
    await workbench.editorTab('modules/alignment.ko ↔ modules/names.ko').waitFor(SOON);
  },
  'Explain modprobe NAME…': async (workbench) => {
    await workbench.answer('a0');
    await expect.poll(() => workbench.webview('h1').innerText(), SOON).toBe('modprobe a0');
  },
  'Refresh Available Modules': () => Promise.resolve(),
  'Search Available Modules…': async (workbench) => {
    await workbench.quickInputTitle('Search Modules of').waitFor(SOON);
    await workbench.quickInput.fill('pci:v00008086d*', SOON);
  },
  'Show Extension Log': () => Promise.resolve(),
  'Show Modinfo': (workbench) => pick(workbench, 'modules/sparse.ko'),
  'Show Modinfo as Text': (workbench) => pick(workbench, 'modules/pagemap.ko'),
  'Show Who Needs a Module…': async (workbench) => {
    await workbench.quickPicks();
    await workbench.press('Enter');
  },
};

/** The titles of the extension's commands in the palette, sorted. */
export async function ownCommands(workbench: Workbench): Promise<string[]> {
  const category = 'Kernel Modules: ';
  await workbench.press('F1');
  await workbench.quickInput.fill(`>${category}`);
  const own = async (): Promise<string[]> =>
    (await workbench.quickPicks())
      .filter((title) => title.startsWith(category) && !title.includes('Focus on'))
      .map((title) => title.slice(category.length))
      .sort();
  await expect.poll(own).toContain('Show Modinfo');
  const found = await own();
  await workbench.press('Escape');
  return found;
}
