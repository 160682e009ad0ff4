// npm test: sets up what the tests need, runs every group of tests, and ends with their counts.
// npm test -- unit lsp: only these groups.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EDITOR_UNDER_TEST, ensureChromium, ensureEditor } from './editorInstall.mjs';
import {
  ARM64_PACKAGES,
  KERNEL_PACKAGES,
  SERIAL_PACKAGES,
  SSH_PACKAGES,
  SetupError,
  UNIT_PACKAGES,
  ensureBuild,
  ensureKernels,
  ensureNodeModules,
  ensurePackages,
} from './setup.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = join(ROOT, 'test-results');

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} [problem] Why a group as a whole failed.
 */

/**
 * @typedef {object} Group
 * @property {() => Promise<unknown>} prepare What it needs beyond the project's own packages.
 * @property {() => Counts} run
 */

/** @type {Readonly<Record<string, Group>>} */
const GROUPS = {
  unit: {
    prepare: () => ensurePackages(UNIT_PACKAGES),
    run: () => vitest('unit', 2),
  },
  grammar: { prepare: async () => undefined, run: grammar },
  lsp: { prepare: () => ensurePackages(KERNEL_PACKAGES), run: () => vitest('lsp', 2) },
  ssh: { prepare: () => ensurePackages(SSH_PACKAGES), run: () => vitest('ssh', 1) },
  kernel: {
    prepare: async () => {
      await ensurePackages([...KERNEL_PACKAGES, ...SSH_PACKAGES, ...ARM64_PACKAGES, ...SERIAL_PACKAGES]);
      await ensureKernels();
    },
    // A virtual machine of a file needs less than a processor, and shares nothing with another file's.
    run: () => vitest('kernel', 2),
  },
  editor: {
    prepare: async () => {
      await ensurePackages([...KERNEL_PACKAGES, ...SSH_PACKAGES, ...ARM64_PACKAGES]);
      await ensureChromium();
      await ensureEditor(EDITOR_UNDER_TEST);
    },
    run: () => vitest('editor', 1),
  },
};

/**
 * @param {string} project
 * @param {number} workers How many of its files run at a time: never more than their tests have been seen to bear.
 * @returns {Counts}
 */
function vitest(project, workers) {
  const report = join(RESULTS, `${project}.json`);
  rmSync(report, { force: true });
  const { status, signal } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', project, `--maxWorkers=${workers}`],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = signal === null ? `exit code ${status}` : `signal ${signal}`;
  if (!existsSync(report)) {
    return { passed: 0, failed: 1, skipped: 0, problem: `ended with ${ended} and no report` };
  }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that can not even be collected, or whose process was lost, has no tests to count.
  const counted = result.testResults.filter(
    (/** @type {{ assertionResults: unknown[] }} */ file) => file.assertionResults.length > 0,
  ).length;
  const broken = testFiles(project) - counted;
  const counts = {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken,
    skipped: result.numPendingTests + result.numTodoTests,
  };
  if (broken > 0) {
    return { ...counts, problem: `${broken} test files did not run` };
  }
  return status !== 0 && counts.failed === 0
    ? { ...counts, failed: 1, problem: `ended with ${ended} though no test failed` }
    : counts;
}

/** @type {(project: string) => number} */
const testFiles = (project) =>
  readdirSync(join(ROOT, 'test', project), { recursive: true }).filter((name) =>
    String(name).endsWith('.test.ts'),
  ).length;

/** @returns {Counts} One test a file of test/grammar. */
function grammar() {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/vscode-tmgrammar-test/dist/unit.js'), 'test/grammar/**/*.conf'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  process.stdout.write(stdout + stderr);
  const count = (/** @type {string} */ mark) =>
    stdout.split('\n').filter((line) => line.startsWith(mark)).length;
  const counts = { passed: count('✓'), failed: count('✖'), skipped: 0 };
  return status !== 0 && counts.failed === 0
    ? { ...counts, failed: 1, problem: `vscode-tmgrammar-test ended with exit code ${status}` }
    : counts;
}

/**
 * @param {string} name
 * @param {Group} group
 * @returns {Promise<Counts>}
 */
async function runGroup(name, group) {
  console.log(`\n== ${name}`);
  try {
    await group.prepare();
    const counts = group.run();
    return counts.passed + counts.failed === 0 ? { ...counts, failed: 1, problem: 'ran no test' } : counts;
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in GROUPS));
if (unknown.length > 0) {
  console.error(`No such group: ${unknown.join(', ')}. There are ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}
mkdirSync(RESULTS, { recursive: true });
try {
  await ensureNodeModules();
  await ensureBuild();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const table = [];
for (const [name, group] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    continue;
  }
  const start = performance.now();
  const { problem, ...counts } = await runGroup(name, group);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  table.push({ group: name, ...counts, seconds, problem: problem?.split('\n')[0] ?? '' });
}
console.log();
console.table(Object.fromEntries(table.map(({ group, ...row }) => [group, row])));
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);
