// How long the packaged extension takes to activate in a clean editor, as the editor itself measures it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPage } from '../editorBrowser.mjs';
import { installExtension, startEditor } from '../editorHost.mjs';
import { EDITOR_FLOOR, ensureEditor } from '../editorInstall.mjs';
import { packageExtension } from '../packageExtension.mjs';

const ROUNDS = 5;

/**
 * Each round is an extension host of its own, in which a modprobe.d file is opened.
 * @param {number} rounds
 * @returns {Promise<{ editor: string, milliseconds: number[] }>} Loading the code and activate(), a round each.
 */
async function activations(rounds) {
  const install = await ensureEditor(EDITOR_FLOOR);
  const root = mkdtempSync(join(tmpdir(), 'kmod-activation-'));
  const folders = { install, dataDir: join(root, 'data'), extensionsDir: join(root, 'extensions') };
  const file = join(root, 'modprobe.d/dummy.conf');
  try {
    mkdirSync(join(root, 'modprobe.d'));
    writeFileSync(file, 'options dummy numdummies=2\n');
    const vsix = join(root, 'extension.vsix');
    packageExtension(vsix);
    installExtension(folders, vsix);
    const editor = await startEditor(folders);
    try {
      const url = editor.url(join(root, 'modprobe.d'), { openFile: editor.remote(file) });
      const milliseconds = [];
      for (let round = 0; round < rounds; round++) {
        milliseconds.push(await activationTime(url));
      }
      return { editor: install.version, milliseconds };
    } finally {
      await editor.close();
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * What "Show Running Extensions" says of the extension.
 * @param {string} url
 * @returns {Promise<number>} Milliseconds.
 */
async function activationTime(url) {
  const { page, close } = await openPage();
  try {
    await page.goto(url);
    await page.locator('.statusbar-item[id="status.editor.mode"]', { hasText: 'modprobe.d' }).waitFor();
    await page.keyboard.press('F1');
    await page.locator('.quick-input-box input').fill('>Developer: Show Running Extensions');
    await page.locator('.quick-input-list .monaco-list-row').first().click();
    const text = await page
      .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Kernel Modules' })
      .locator('.activation-time', { hasText: /\d+ms/ })
      .innerText();
    const milliseconds = /(\d+)ms/.exec(text)?.[1];
    if (milliseconds === undefined) {
      throw new Error(`The editor says no activation time, but: ${text}`);
    }
    return Number(milliseconds);
  } finally {
    await close();
  }
}

const { editor, milliseconds } = await activations(Number(process.argv[2] ?? ROUNDS));
const sorted = milliseconds.toSorted((a, b) => a - b);
console.log(
  `Activation in VS Code ${editor}, as the editor tells it: median ${sorted[sorted.length >> 1]} ms of ${milliseconds.join(', ')} ms`,
);
