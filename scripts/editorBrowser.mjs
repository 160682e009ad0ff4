// A headless Chromium that shows an editor.
import { chromium } from 'playwright-core';
import { ensureChromium } from './editorInstall.mjs';

/** How long the browser, and a page of the editor, may take to be there, in milliseconds. */
const START_LIMIT = 120_000;

/**
 * @typedef {object} EditorPage
 * @property {import('playwright-core').Page} page
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<EditorPage>} An empty page in a Chromium without a profile; close() ends both. */
export async function openPage() {
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    timeout: START_LIMIT,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultNavigationTimeout(START_LIMIT);
  return { page, close: () => browser.close() };
}
