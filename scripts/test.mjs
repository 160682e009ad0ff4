// npm test: sets up what the tests need, runs every group of tests, and ends with their counts.
// npm test -- unit lsp: only these groups.
// KMOD_CONFORMANCE=DIR npm test: also the public conformance cases in DIR, which are not part of this repository.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
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

/** As many test files may fail because a machine, a browser or a network was busy; more are a fault. */
const LATE_FILES = 2;

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} [problem] Why a group as a whole failed.
 * @property {string[]} [late] The tests that passed at their second attempt only.
 */

/**
 * @typedef {object} TestFile A file in vitest's report.
 * @property {string} name Its path.
 * @property {string} status
 * @property {{ fullName: string, status: string }[]} assertionResults
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
    run: () => vitest('unit', 2).counts,
  },
  ...(process.env['KMOD_CONFORMANCE'] === undefined
    ? {}
    : {
        conformance: {
          prepare: () => ensurePackages(UNIT_PACKAGES),
          run: () => vitest('conformance', 2).counts,
        },
      }),
  grammar: { prepare: async () => undefined, run: grammar },
  lsp: { prepare: () => ensurePackages(KERNEL_PACKAGES), run: () => vitest('lsp', 2).counts },
  fuzz: { prepare: async () => undefined, run: () => vitest('fuzz', 2).counts },
  ssh: { prepare: () => ensurePackages(SSH_PACKAGES), run: () => vitestOnRealMachines('ssh', 1) },
  kernel: {
    prepare: async () => {
      await ensurePackages([...KERNEL_PACKAGES, ...SSH_PACKAGES, ...ARM64_PACKAGES, ...SERIAL_PACKAGES]);
      await ensureKernels();
    },
    // A virtual machine of a file needs less than a processor, and shares nothing with another file's.
    run: () => vitestOnRealMachines('kernel', 2),
  },
  editor: {
    prepare: async () => {
      await ensurePackages([...KERNEL_PACKAGES, ...SSH_PACKAGES, ...ARM64_PACKAGES]);
      await ensureChromium();
      await ensureEditor(EDITOR_UNDER_TEST);
    },
    run: () => vitestOnRealMachines('editor', 1),
  },
};

/**
 * Real machines, and a browser that draws without a graphics card, may once be slower than any limit. What fails in a
 * few files is run once more, alone and on the same generated inputs, and told: a fault fails again.
 * @param {string} project
 * @param {number} workers
 * @returns {Counts}
 */
function vitestOnRealMachines(project, workers) {
  const first = vitest(project, workers);
  const failed = first.files.filter(({ status }) => status === 'failed');
  const others = first.files.filter(({ status }) => status !== 'failed');
  if (failed.length === 0 || failed.length > LATE_FILES || first.files.length < testFiles(project)) {
    return first.counts;
  }
  const names = failed.map(({ name }) => relative(ROOT, name));
  console.log(`\n== ${project}, once more: ${names.join(' ')}`);
  const second = vitest(project, 1, names);
  // What only its set-up failed for has no failed test of its own.
  const late = failed.flatMap(({ name, assertionResults }) => {
    const tests = withStatus(assertionResults, 'failed').map(({ fullName }) => fullName);
    return tests.length === 0 ? [relative(ROOT, name)] : tests;
  });
  const passed = others.flatMap(({ assertionResults }) => withStatus(assertionResults, 'passed'));
  const skipped = others.flatMap(({ assertionResults }) => withStatus(assertionResults, 'skipped', 'todo'));
  return {
    ...second.counts,
    passed: passed.length + second.counts.passed,
    skipped: skipped.length + second.counts.skipped,
    ...(second.counts.failed === 0 ? { late } : {}),
  };
}

/**
 * @param {TestFile['assertionResults']} tests
 * @param {...string} wanted
 */
const withStatus = (tests, ...wanted) => tests.filter(({ status }) => wanted.includes(status));

/**
 * @param {string} project
 * @param {number} workers How many of its files run at a time: never more than their tests have been seen to bear.
 * @param {string[]} [only] Its files that are run, from the project's directory; all, where left out.
 * @returns {{ counts: Counts, files: TestFile[] }} The files that ran.
 */
function vitest(project, workers, only = []) {
  const report = join(RESULTS, `${project}${only.length === 0 ? '' : '-once-more'}.json`);
  rmSync(report, { force: true });
  const { status, signal } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', project, `--maxWorkers=${workers}`],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...only,
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = signal === null ? `exit code ${status}` : `signal ${signal}`;
  if (!existsSync(report)) {
    const counts = { passed: 0, failed: 1, skipped: 0, problem: `ended with ${ended} and no report` };
    return { counts, files: [] };
  }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that can not even be collected, or whose process was lost, has no tests to count.
  /** @type {TestFile[]} */
  const files = result.testResults.filter(
    (/** @type {TestFile} */ { assertionResults }) => assertionResults.length > 0,
  );
  const broken = (only.length === 0 ? testFiles(project) : only.length) - files.length;
  const counts = {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken,
    skipped: result.numPendingTests + result.numTodoTests,
  };
  if (broken > 0) {
    return { counts: { ...counts, problem: `${broken} test files did not run` }, files };
  }
  return status !== 0 && counts.failed === 0
    ? { counts: { ...counts, failed: 1, problem: `ended with ${ended} though no test failed` }, files }
    : { counts, files };
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
// One seed for all of a run: what fails is tried again on what it failed with.
process.env['FC_SEED'] ??= String(randomInt(2 ** 31));
try {
  await ensureNodeModules();
  await ensureBuild();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const allLate = [];
const table = [];
for (const [name, group] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    continue;
  }
  const start = performance.now();
  const { problem, late = [], ...counts } = await runGroup(name, group);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  allLate.push(...late.map((test) => `${name}: ${test}`));
  table.push({ group: name, ...counts, seconds, problem: problem?.split('\n')[0] ?? '' });
}
console.log();
console.table(Object.fromEntries(table.map(({ group, ...row }) => [group, row])));
for (const test of allLate) {
  console.log(`Failed once, and passed at the second attempt: ${test}`);
}
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
const late = allLate.length === 0 ? '' : `, ${allLate.length} at the second attempt`;
console.log(`${total.passed} passed, ${total.failed} failed${skipped}${late}`);
process.exit(total.failed === 0 ? 0 : 1);
