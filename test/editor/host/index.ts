import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** What one test in the extension host came to. */
interface HostTest {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Message and stack of a failure. */
  readonly error?: string;
}

export interface HostReport {
  readonly tests: readonly HostTest[];
}

/** Called by the extension host (extensionTestsPath): runs the suites beside this file and writes their report. */
export async function run(): Promise<void> {
  const tests: HostTest[] = [];
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, reporter: 'min' });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.suite.js'))) {
    mocha.addFile(join(__dirname, file));
  }
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', (test) => tests.push({ title: test.fullTitle(), state: 'passed' }))
      .on('pending', (test) => tests.push({ title: test.fullTitle(), state: 'skipped' }))
      .on('fail', (test, error: Error) =>
        tests.push({ title: test.fullTitle(), state: 'failed', error: error.stack ?? error.message }),
      );
  }).catch((error: unknown) => {
    tests.push({ title: 'loading the suites', state: 'failed', error: String(error) });
  });
  writeReport({ tests });
}

/** In one step, so that a reader never sees half of it. */
function writeReport(report: HostReport): void {
  const path = process.env['KMOD_HOST_REPORT'];
  if (path === undefined) {
    throw new Error('KMOD_HOST_REPORT names no file for the report');
  }
  writeFileSync(`${path}.part`, JSON.stringify(report));
  renameSync(`${path}.part`, path);
}
