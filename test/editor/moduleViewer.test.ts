import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { runBuild } from '../../client/build/runBuild';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { buildModule } from '../unit/kmod/elfBuilder';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const HOSTILE = `<img src="x" onerror="document.title='owned'">`;

const workbench = useWorkbench({
  samples: ['hello', 'chain'],
  files: { 'text.ko': 'This is no module.\n', 'old/hello.ko': '' },
  developmentExtension: EXTENSION,
});

const file = (path: string): string => join(workbench().workspace, path);

async function make(directory: string): Promise<void> {
  const { modulesDirectory } = await findKernel();
  await runBuild(
    { directory: file(directory), kernelDirectory: join(modulesDirectory, 'build'), target: 'modules' },
    { signal: new AbortController().signal, onLine: () => undefined },
  );
}

const open = async (path: string): Promise<Locator> => {
  await workbench().openModule(path);
  return workbench().webview('body');
};

/** The rows of a list that are to be seen, as a screen reader says them. */
const rows = async (page: Locator, list: string): Promise<string[]> => {
  const texts = await page
    .getByRole('table', { name: list })
    .locator('tbody tr:visible')
    .evaluateAll((elements) =>
      elements.map((row) => [...row.children].map((cell) => cell.textContent.trim()).join(' | ')),
    );
  return texts;
};

beforeAll(async () => {
  await make('hello');
  await make('chain');
  cpSync(file('hello/hello.ko'), file('old/hello.ko'));
  writeFileSync(
    file('hostile.ko'),
    buildModule([`description=${HOSTILE}`, `parm=p:${HOSTILE}`, `alias=${HOSTILE}`, `license=${HOSTILE}`]),
  );
});

describe('the page of a module file', () => {
  it('shows what the module is, its parameters with permissions, and who exports what it uses', async () => {
    const page = await open('hello/hello.ko');
    await page.getByRole('heading', { name: 'hello', level: 1 }).waitFor();
    await expect
      .poll(() => rows(page, 'Parameters'))
      .toEqual([
        'count | int | 0644 | How often to greet (1 to 10)',
        'loud | bool | 0644 | Greet with an exclamation mark',
        'who | charp | 0444 | Whom to greet',
        'numbers | array of int | 0444 | Up to four numbers to add up',
      ]);
    await expect
      .poll(() => rows(page, 'Imports'))
      .toContainEqual(expect.stringMatching(/^_?printk \| vmlinux \| 0x[0-9a-f]{8}$/));
    await workbench().screenshot('module-page');
  });

  it('filters all its lists, and says how much it found', async () => {
    const page = workbench().webview('body');
    await page.getByRole('searchbox').fill('greet');
    await expect.poll(() => rows(page, 'Parameters')).toHaveLength(3);
    await expect.poll(() => page.getByRole('status').innerText()).toMatch(/^\d+ found$/);
    await page.getByRole('table', { name: 'Sections' }).waitFor({ state: 'hidden' });
  });

  it('follows a new build, and keeps the filter', async () => {
    const source = readFileSync(file('hello/hello.c'), 'utf8');
    writeFileSync(
      file('hello/hello.c'),
      source
        .replace('MODULE_VERSION("1.0")', 'MODULE_VERSION("1.1")')
        .replace('Whom to greet', 'Whom we greet'),
    );
    await make('hello');
    const page = workbench().webview('body');
    await page.locator('.subtitle', { hasText: '1.1' }).waitFor();
    await expect.poll(() => rows(page, 'Parameters')).toContain('who | charp | 0444 | Whom we greet');
    await expect.poll(() => rows(page, 'Parameters')).toHaveLength(3);
  });

  it('compares the build with another one', async () => {
    await workbench().command('Kernel Modules: Compare Modules…');
    await workbench().quickPick('old/hello.ko').click();
    const page = workbench().webview('body');
    await expect.poll(() => rows(page, 'Fields')).toContain('~ version | 1.0 | 1.1');
    expect(await rows(page, 'Parameters')).toEqual([
      '~ who | charp 0444 Whom to greet | charp 0444 Whom we greet',
    ]);
    await workbench().screenshot('module-comparison');
  });

  it('compares them again when the window is reloaded', async () => {
    await workbench().reload('"memory":{"before":"file:///');
    await workbench().editorTab('old/hello.ko ↔ hello/hello.ko').click();
    const page = workbench().webview('body');
    await expect.poll(() => rows(page, 'Fields')).toContain('~ version | 1.0 | 1.1');
    await workbench().screenshot('module-comparison-again');
  });

  it('opens a module that it depends on', async () => {
    const page = await open('chain/chain_top.ko');
    const dependencies = page.getByRole('table', { name: 'Dependencies' });
    await dependencies.getByRole('link', { name: 'chain_base' }).click();
    await workbench().editorTab('chain_base.ko').waitFor();
  });
});

it('shows the text of a hostile module as text', async () => {
  const page = await open('hostile.ko');
  await page.getByRole('heading', { name: 'hostile', level: 1 }).waitFor();
  expect(await rows(page, 'Parameters')).toEqual([`p |  |  | ${HOSTILE}`]);
  expect(await rows(page, 'Aliases')).toContain(`by this name | ${HOSTILE}`);
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.evaluate((body) => body.ownerDocument.title)).toBe('Kernel modules');
});

it('says why a file is no module', async () => {
  const page = await open('text.ko');
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('Not an ELF file (it begins with text).');
  await workbench().screenshot('module-problem');
});

it('sums a module up over its line of a Kbuild file', async () => {
  await workbench().openFile('hello/Kbuild');
  const hover = await workbench().editor.hover('hello.o', 'hello.o', 'Greets from the kernel');
  expect(hover).toContain('hello 1.1 Greets from the kernel');
  expect(hover).toContain('count int: How often to greet (1 to 10)');
  expect(hover).toContain('hello.ko · ');
});
