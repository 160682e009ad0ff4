/**
 * The process that reads the inputs: `fuzz-worker READER SEED FROM TO LARGEST`, or with a file to read once more. It says
 * what it begins with on file 3, so that whoever watches it knows what it hangs in, or died of.
 */
import { readFileSync, writeSync } from 'node:fs';
import { findSourceMap } from 'node:module';
import { relative } from 'node:path';
import { best, hottest, measure, type Measured } from './measure';
import { minimised } from './minimise';
import { familyOf } from './mutate';
import { randomOf } from './random';
import type { Reader } from './reader';
import { READERS } from './readers';
import { HARNESS_FAILED, limitsOf, STUCK, type Found, type Limits, type Said } from './said';

const say = (said: Said): void => void writeSync(3, `${JSON.stringify(said)}\n`);

/** Pumps begin small: what is exponential shows with a few bytes. */
const SMALLEST = 16;

/** Milliseconds under which growth is noise. */
const GROWTH_FLOOR = 300;

/** Twice the input takes 2 ** 1.7 times as long, and more: about its square. */
const GROWTH = 1.7;

const [name = '', mode = '', ...args] = process.argv.slice(2);
const limits = limitsOf(readerOf(name));

process.on('uncaughtException', (error) => {
  say({ kind: 'found', found: { kind: 'error', ...told(error), milliseconds: 0, mebibytes: 0 } });
  process.exit(3);
});

async function main(reader: Reader): Promise<void> {
  switch (mode) {
    case 'fuzz': {
      const [seed = 0, from = 0, to = 0, largest = 0] = args.map(Number);
      return fuzz(reader, { seed, from, to, largest: Math.min(largest, limits.bytes) });
    }
    case 'input':
      return one(reader, readFileSync(args[0] ?? ''));
    case 'profile':
      say({ kind: 'begin', index: 0, size: 0, cpu: cpu() });
      return say({ kind: 'where', where: placeOf(await hottest(reader, readFileSync(args[0] ?? ''))) });
    default:
      throw new Error(`no mode is called ${mode}`);
  }
}

function readerOf(name: string): Reader {
  const reader = READERS.find((one) => one.name === name);
  if (reader === undefined) throw new Error(`no reader is called ${name}`);
  return reader;
}

interface Range {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly largest: number;
}

async function fuzz(reader: Reader, { seed, from, to, largest }: Range): Promise<void> {
  for (let index = from; index < to; index++) {
    const { grows, make } = familyOf(reader, randomOf(seed, reader.name, index), index);
    let before: { bytes: number; input: Buffer; measured: Measured } | undefined;
    for (let size = SMALLEST; size <= (grows ? largest : SMALLEST); size *= 2) {
      const input = make(size);
      if (before?.bytes === input.length || input.length > 2 * limits.bytes) continue;
      say({ kind: 'begin', index, size, cpu: cpu() });
      const measured = await measure(reader, input);
      const found =
        (await beyond(reader, input, measured)) ??
        (before && (await growth(reader, before, { bytes: input.length, input, measured })));
      say({ kind: 'end', index, size, bytes: input.length, ...rounded(measured) });
      if (found !== undefined) {
        say({ kind: 'found', found });
        break;
      }
      before = { bytes: input.length, input, measured };
    }
  }
}

async function one(reader: Reader, input: Buffer): Promise<void> {
  say({ kind: 'begin', index: 0, size: 0, cpu: cpu() });
  const measured = await measure(reader, input);
  const found = await beyond(reader, input, measured);
  say({ kind: 'end', index: 0, size: 0, bytes: input.length, ...rounded(measured) });
  if (found !== undefined) say({ kind: 'found', found });
}

/** What an input took beyond the limits. What stands near them is measured once more, alone. */
async function beyond(reader: Reader, input: Buffer, measured: Measured): Promise<Found | undefined> {
  if ('error' in measured) {
    const about = told(measured.error);
    const same = async (smaller: Buffer): Promise<boolean> => {
      const again = await measure(reader, smaller);
      return 'error' in again && told(again.error).where === about.where;
    };
    const smallest = measured.milliseconds > 500 ? input : await minimised(input, same);
    return { kind: 'error', ...about, ...rounded(measured), input: smallest.toString('base64') };
  }
  if (!isBeyond(measured, limits)) return undefined;
  const again = await best(reader, input, 2);
  if (!isBeyond(again, limits)) return undefined;
  const kind = again.milliseconds > limits.milliseconds ? 'slow' : 'memory';
  return {
    kind,
    message: `${input.length} bytes`,
    where: placeOf(await hottest(reader, input)),
    ...rounded(again),
  };
}

const isBeyond = ({ milliseconds, mebibytes }: Measured, limits: Limits): boolean =>
  milliseconds > limits.milliseconds || mebibytes > limits.mebibytes;

interface Step {
  readonly bytes: number;
  readonly input: Buffer;
  readonly measured: Measured;
}

async function growth(reader: Reader, before: Step, now: Step): Promise<Found | undefined> {
  if (exponent(before, now) < GROWTH) return undefined;
  const [first, second] = [await best(reader, before.input), await best(reader, now.input)];
  const power = exponent({ ...before, measured: first }, { ...now, measured: second });
  if (power < GROWTH) return undefined;
  return {
    kind: 'growth',
    message: `${before.bytes} bytes: ${first.milliseconds.toFixed(0)} ms, ${now.bytes} bytes: ${second.milliseconds.toFixed(0)} ms (power ${power.toFixed(1)})`,
    where: placeOf(await hottest(reader, now.input)),
    ...rounded(second),
  };
}

/** The power of the input's length by which the time grows; 0 where that cannot be told. */
function exponent(before: Step, now: Step): number {
  const [first, second] = [before.measured.milliseconds, now.measured.milliseconds];
  const longer = now.bytes / Math.max(1, before.bytes);
  if (second < GROWTH_FLOOR || longer < 1.2) return 0;
  return Math.log(second / Math.max(first, 1)) / Math.log(longer);
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const rounded = ({ milliseconds, mebibytes }: Measured) => ({
  milliseconds: Math.round(milliseconds),
  mebibytes: Math.round(mebibytes),
});

/** An error's own words, and the first place of our code in its stack. */
function told(error: unknown): { message: string; where: string } {
  if (!(error instanceof Error)) return { message: `thrown: ${String(error)}`, where: '' };
  const lines = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const ours = lines
    .map((line) => /(?:kmod|server|client|engine)\/[^\s:()]+\.ts:\d+/.exec(line)?.[0])
    .find(Boolean);
  return { message: `${error.name}: ${error.message.slice(0, 200)}`, where: ours ?? lines[0]?.trim() ?? '' };
}

/** A place in the bundle as one in the sources. */
function placeOf(hot: string): string {
  const [, name = '', line = 0, column = 0] = /^(.*)@(\d+):(\d+)$/.exec(hot) ?? [];
  const entry = findSourceMap(__filename)?.findEntry(Number(line), Number(column));
  if (entry === undefined || !('originalSource' in entry)) return hot;
  const file = relative(process.cwd(), entry.originalSource.replace(/^file:\/\//, ''));
  return `${file.replace(/^.*?(?=(?:kmod|server|client|engine|test|node_modules)\/)/, '')}:${entry.originalLine + 1} ${name}`.trim();
}

// Where nothing is left to do, and what is waited for never comes.
process.exitCode = STUCK;

main(readerOf(name)).then(
  // A server or a timer of a reader must not keep it.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(HARNESS_FAILED);
  },
);
