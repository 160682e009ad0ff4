// A headless Chromium that shows an editor.
import { chromium } from 'playwright-core';
import { ensureChromium } from './editorInstall.mjs';

/**
 * @typedef {object} EditorPage
 * @property {import('playwright-core').Page} page
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<EditorPage>} An empty page in a Chromium without a profile; close() ends both. */
export async function openPage() {
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  return { page, close: () => browser.close() };
}
