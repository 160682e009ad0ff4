// What the page of a module costs, for a module with 30 MB of debugging information. Until resolveCustomEditor has set
// the webview's HTML: its parts are read, its lists made, and the HTML written. From there a Chromium paints it. What
// the editor takes to make a webview comes on top. Beside it readelf, which prints sections and symbols, and a read of
// the whole file.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { programPath } from '../../engine/base/programs';
import { runProgram, runProgramSync } from '../../engine/base/startProgram';
import { chromium } from 'playwright-core';
import { findOrigins } from '../../client/kernel/moduleSurroundings';
import { openModuleFile } from '../../client/kernel/openModuleFile';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { boundedPage } from '../../client/views/moduleViewer/bounds';
import { startOfPage } from '../../client/views/moduleViewer/drawing/start';
import { modulePage } from '../../client/views/moduleViewer/modulePage';
import { surroundingTables } from '../../client/views/moduleViewer/surroundings';
import { readWebviewFiles, webviewPage } from '../../client/views/webviewPage';

const ROUNDS = 15;
const DEBUG_BYTES = 30 << 20;

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;

async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Bytes that are held after a garbage collection; buffers are given back in a later turn. */
async function held(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await setTimeout(100);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The kernel's largest module of many symbols, with debugging information as a build with CONFIG_DEBUG_INFO has. */
async function makeModule(directory: string): Promise<string> {
  const { modulesDirectory } = await findKernel();
  const debug = join(directory, 'debug');
  await writeFile(debug, Buffer.alloc(DEBUG_BYTES, 'debugging information '));
  const module = join(directory, 'xfs.ko');
  const xfs = join(modulesDirectory, 'kernel/fs/xfs/xfs.ko');
  await runProgram('objcopy', ['--add-section', `.debug_info=${debug}`, xfs, module]);
  return module;
}

/** What is in the webview's HTML. */
async function pageHtml(file: string): Promise<string> {
  const page = boundedPage(modulePage(await openModuleFile(file)));
  return webviewPage(await readWebviewFiles(process.cwd(), 'moduleViewer'), startOfPage(page));
}

/** Milliseconds from a page's last byte to its first paint, in each round. */
async function paintTimes(html: string): Promise<number[]> {
  const browser = await chromium.launch({
    executablePath: programPath('chromium'),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.route('http://page.test/', (route) =>
        route.fulfill({ contentType: 'text/html', body: html }),
      );
      await page.goto('http://page.test/');
      times.push(await page.evaluate<number>(FIRST_PAINT));
      await page.close();
    }
    return times;
  } finally {
    await browser.close();
  }
}

/** Runs in the page. */
const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const [navigation] = performance.getEntriesByType('navigation');
    resolve(list.getEntries()[0].startTime - navigation.responseEnd);
  }).observe({ type: 'paint', buffered: true });
})`;

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kmod-viewer-'));
  try {
    const file = await makeModule(directory);
    const { size } = await stat(file);
    const page: number[] = [];
    const html: number[] = [];
    const more: number[] = [];
    const readelf: number[] = [];
    const whole: number[] = [];
    const before = await held();
    for (let round = 0; round <= ROUNDS; round++) {
      page.push(await time(async () => modulePage(await openModuleFile(file))));
      html.push(await time(() => pageHtml(file)));
      const opened = await openModuleFile(file);
      more.push(
        await time(() =>
          surroundingTables(opened, (symbols) => findOrigins(symbols, { file, release: opened.release })),
        ),
      );
      readelf.push(await time(() => runProgramSync('readelf', ['-SsW', file], { maxBuffer: 1 << 28 })));
      whole.push(await time(async () => (await readFile(file)).length));
    }
    const start = await pageHtml(file);
    const kept = await openModuleFile(file);
    const after = await held();
    const row = (what: string, times: readonly number[]): void => {
      const value = median(times.slice(1));
      const ratio = value / median(readelf.slice(1));
      console.log(`${what.padEnd(44)}${value.toFixed(1).padStart(8)}${ratio.toFixed(2).padStart(9)}`);
    };
    const { imports, sections } = kept.contents;
    console.log(
      `${(size / 2 ** 20).toFixed(0)} MB, ${imports.length} imports, ${sections.length} sections: medians of ${ROUNDS} rounds, ms\n`,
    );
    console.log(`${''.padEnd(44)}${'ms'.padStart(8)}${'ratio'.padStart(9)}`);
    row('the page, from the file', page);
    row('its HTML, from the file', html);
    row('Chromium paints that HTML', await paintTimes(start));
    row('names and exporters, which follow it', more);
    row('readelf -SsW', readelf);
    row('reading the whole file', whole);
    console.log(
      `\nThe HTML has ${(start.length / 1024).toFixed(0)} KB. Held for the open page: ${((after - before) / 2 ** 20).toFixed(1)} MB.`,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
