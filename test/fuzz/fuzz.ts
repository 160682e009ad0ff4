import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { familyOf } from './mutate';
import { randomOf } from './random';
import type { Reader } from './reader';
import { HARNESS_FAILED, limitsOf, STUCK, type Found, type Said } from './said';

const RESULTS = 'test-results/fuzz';
/** Where it finds package.json and docs/, as the product's bundles do. */
const WORKER = 'test-results/fuzz-worker.js';

/** Of a process for itself, mebibytes: an input that is over its limit is killed before the machine feels it. */
const MOST_MEMORY = 1200;

/** A reader with more different faults than this is not looked at further. */
const MOST_FINDINGS = 12;

/** Milliseconds in which a process that reads does nothing at all: it waits for what does not come. */
const LONGEST_WAIT = 60_000;

interface Finding extends Found {
  readonly reader: string;
  /** The input, on disk. */
  readonly file: string;
  readonly bytes: number;
  /** How it was made. */
  readonly what: string;
  readonly reproduce: string;
}

export interface ReaderResult {
  readonly reader: string;
  readonly inputs: number;
  readonly slowestMs: number;
  readonly peakMiB: number;
  readonly findings: readonly Finding[];
}

export interface Budget {
  readonly seed: number;
  /** Generated inputs of a reader whose share is 1; recipes come on top. */
  readonly inputs: number;
  /** Bytes of the largest pump. */
  readonly largest: number;
  /** No input is begun after this time of performance.now(). */
  readonly until?: number;
  /** Of the first generated input. */
  readonly from?: number;
}

/** The bundle of what reads the inputs: the same code, and the same machine code, as in the product. */
export async function bundleWorker(): Promise<void> {
  await build({
    entryPoints: ['test/fuzz/worker.ts'],
    outfile: WORKER,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'linked',
    loader: { '.node': 'empty' },
    external: ['vscode', 'cpu-features'],
    logLevel: 'warning',
  });
}

/** Reads the inputs of a reader one after the other, each with its limits, and goes on behind one that is beyond them. */
export async function fuzzReader(reader: Reader, budget: Budget): Promise<ReaderResult> {
  const found = new Map<string, Finding>();
  const recipes = Object.keys(reader.recipes ?? {}).length;
  const to = recipes + Math.ceil(budget.inputs * (reader.share ?? 1));
  let [inputs, slowestMs, peakMiB] = [0, 0, 0];
  for (let next = budget.from ?? 0; next < to && found.size < MOST_FINDINGS;) {
    if (budget.until !== undefined && performance.now() > budget.until) break;
    let at = { index: next, size: 0 };
    let wasFound = false;
    const range = [budget.seed, next, to, budget.largest];
    const ended = await watch(reader, ['fuzz', ...range.map(String)], budget.until, (said) => {
      if (said.kind === 'begin') [at, wasFound] = [said, false];
      if (said.kind === 'end') {
        inputs++;
        slowestMs = Math.max(slowestMs, said.milliseconds);
        peakMiB = Math.max(peakMiB, said.mebibytes);
      }
      if (said.kind === 'found') {
        wasFound = true;
        add(said.found);
      }
      return found.size < MOST_FINDINGS;
    });
    if (ended !== undefined && !wasFound) {
      add({ kind: 'killed', ...ended, where: await placeOf(reader, budget.seed, at) });
    }
    next = at.index + 1;
    if (ended === undefined) break;

    function add(one: Found): void {
      const finding = keep(reader, budget.seed, at, one);
      const key = `${one.kind === 'error' ? one.message.split(':')[0] : ''} ${one.where || finding.what}`;
      if (!found.has(key)) found.set(key, finding);
    }
  }
  return { reader: reader.name, inputs, slowestMs, peakMiB, findings: [...found.values()] };
}

interface Place {
  readonly index: number;
  readonly size: number;
}

function inputOf(reader: Reader, seed: number, { index, size }: Place): Buffer {
  return familyOf(reader, randomOf(seed, reader.name, index), index).make(size);
}

/** Writes the input of a finding, so that it can be read once more. */
function keep(reader: Reader, seed: number, at: Place, { input, ...found }: Found): Finding {
  const bytes = input === undefined ? inputOf(reader, seed, at) : Buffer.from(input, 'base64');
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const file = join(RESULTS, `${reader.name}-${hash}.bin`);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, bytes);
  const { what } = familyOf(reader, randomOf(seed, reader.name, at.index), at.index);
  return {
    ...found,
    reader: reader.name,
    file,
    bytes: bytes.length,
    what: `${what} (seed ${seed}, index ${at.index})`,
    reproduce: `npm run fuzz -- --reader ${reader.name} --input ${file}`,
  };
}

/** Reads one input. */
export async function readInput(reader: Reader, file: string): Promise<Found | undefined> {
  let found: Found | undefined;
  const ended = await watch(reader, ['input', file], undefined, (said) => {
    if (said.kind === 'end') {
      console.log(`${said.bytes} bytes: ${said.milliseconds} ms, ${said.mebibytes} MiB`);
    }
    if (said.kind === 'found') found = said.found;
    return true;
  });
  return ended === undefined ? found : { kind: 'killed', where: '', ...ended };
}

/** Where an input that had to be killed spends its time: a smaller one of its kind tells. */
async function placeOf(reader: Reader, seed: number, { index, size }: Place): Promise<string> {
  const file = join(RESULTS, `${reader.name}-smaller.bin`);
  mkdirSync(RESULTS, { recursive: true });
  for (const smaller of [size / 2, size / 4, size / 8]) {
    writeFileSync(file, inputOf(reader, seed, { index, size: smaller }));
    let where = '';
    await watch(reader, ['profile', file], undefined, (said) => {
      if (said.kind === 'where') where = said.where;
      return true;
    });
    if (where !== '') return where;
  }
  return '';
}

type Ended = Pick<Found, 'message' | 'milliseconds' | 'mebibytes'>;

/**
 * Runs the process that reads, and ends it where an input is beyond the limits.
 * @param take is told what it says; false: it has said enough
 * @returns why it did not end by itself
 */
async function watch(
  reader: Reader,
  args: readonly string[],
  until: number | undefined,
  take: (said: Said) => boolean,
): Promise<Ended | undefined> {
  const limits = limitsOf(reader);
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', '--expose-gc', '--max-old-space-size=512', WORKER, reader.name, ...args],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const status = new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  let begun: number | undefined;
  let heard = 0;
  let killed: Ended | undefined;
  let enough = false;
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const said = JSON.parse(line) as Said;
    begun = said.kind === 'begin' ? said.cpu : undefined;
    heard = useOf(child.pid)?.cpu ?? heard;
    if (!take(said) && !enough) {
      enough = true;
      child.kill('SIGKILL');
    }
  });
  let lastWork = { cpu: -1, at: 0 };
  const timer = setInterval(() => {
    const use = useOf(child.pid);
    if (use === undefined || killed !== undefined) return;
    if (use.cpu !== lastWork.cpu) lastWork = { cpu: use.cpu, at: performance.now() };
    // Without a beginning it measures once more, makes an input smaller, or looks where the time is spent.
    const milliseconds = Math.round(use.cpu - (begun ?? heard));
    const most = (begun === undefined ? 8 : 1.5) * limits.milliseconds + 500;
    const isStuck = performance.now() - lastWork.at > LONGEST_WAIT;
    const isOver = isStuck || milliseconds > most || use.mebibytes > MOST_MEMORY + limits.mebibytes;
    if (isOver) {
      const mebibytes = Math.round(use.mebibytes);
      const why = isStuck ? 'it did nothing for a minute' : `killed after ${milliseconds} ms`;
      killed = { message: `${why}, with ${mebibytes} MiB`, milliseconds, mebibytes };
    }
    // What takes long already is waited for: it may be what is looked for.
    const isLate = until !== undefined && performance.now() > until && milliseconds < 300;
    if (isLate) enough = true;
    if (isOver || isLate) child.kill('SIGKILL');
  }, 50);
  const how = await status;
  clearInterval(timer);
  if (how === `exit code ${HARNESS_FAILED}`)
    throw new Error(`the fuzzer itself failed on ${reader.name}: ${stderr}`);
  if (enough || how === 'exit code 0') return undefined;
  const [cause = ''] = /FATAL ERROR.*|^\w*Error: .*/m.exec(stderr) ?? [];
  const message =
    how === `exit code ${STUCK}`
      ? 'it waits for what never comes'
      : `the process ended with ${how}: ${cause}`;
  return killed ?? { message, milliseconds: 0, mebibytes: 0 };
}

/** A tick of the kernel's clock for processes, milliseconds (sysconf(_SC_CLK_TCK) is 100 on all of Linux). */
const TICK = 10;

/** What a process uses, by proc(5); undefined: it is gone. */
function useOf(pid: number | undefined): { cpu: number; mebibytes: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    const [user, system, pages] = [11, 12, 21].map((place) => Number(fields[place]));
    return { cpu: ((user ?? 0) + (system ?? 0)) * TICK, mebibytes: ((pages ?? 0) * 4096) / (1 << 20) };
  } catch {
    return undefined;
  }
}
