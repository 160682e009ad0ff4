// What the language server costs, as ratios to something else in the same run: a keystroke to that of an echo server,
// reading a file or a table to what modprobe takes for it.
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProgramSync } from '../../engine/base/startProgram';
import { parseConfig } from '../../kmod/config/parse';
import { decodeText } from '../../kmod/text';
import { startEcho } from '../language/echoServer';
import { configuration, makeSysroot, optionLine } from '../language/samples';
import { Typist } from '../language/typist';

const SERVER = join(__dirname, '../server.js');

/** Lines of the file that is typed in, and other files that are open. */
const FILES = [
  [1_000, 0],
  [1_000, 50],
  [10_000, 0],
  [10_000, 50],
  [100_000, 0],
] as const;
const KEYSTROKES = 300;
const WARM_UP = 60;
/** The server has nothing to tell for so long, in ms: it has read what it wanted. */
const QUIET = 1_000;
const STARTS = 9;
const COLD_LINES = 100_000;
/** Of a distribution with its users' own. */
const DISTRIBUTION_FILES = 20;
const DISTRIBUTION_LINES = 100;

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;

async function main(): Promise<void> {
  const root = await makeSysroot();
  try {
    await benchKeystrokes(root);
    await benchOpening(root);
    await benchParsing(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

async function benchKeystrokes(root: string): Promise<void> {
  console.log(
    'From a keystroke to its diagnostics (incremental didChange, pulled), p50 in ms. The echo answers with',
  );
  console.log('none: with the text kept by the same TextDocuments as ours, and without.\n');
  console.log('  lines  others  server  echo+text  ratio    echo  ratio');
  for (const [lines, others] of FILES) {
    const [server = NaN, withText = NaN, echo = NaN] = await keystrokes(root, lines, others);
    const cells = [server, withText, server / withText, echo, server / echo];
    const widths = [8, 11, 7, 8, 7];
    const row = cells.map((cell, at) => cell.toFixed(2).padStart(widths[at] ?? 0)).join('');
    console.log(`${String(lines).padStart(7)}${String(others).padStart(8)}${row}`);
  }
}

/** Each keystroke is one of every server in turn: what else the machine does hits all alike. */
async function keystrokes(root: string, lines: number, others: number): Promise<number[]> {
  const uri = (name: string) => pathToFileURL(join(root, `etc/modprobe.d/${name}.conf`)).href;
  const text = configuration(lines);
  const settings = { sysroot: root };
  const typists = [
    new Typist([SERVER, '--stdio'], settings),
    new Typist([__filename, '--echo', '--text'], settings),
    new Typist([__filename, '--echo'], settings),
  ];
  const line = optionLine(lines >> 1);
  const character = (text.split('\n')[line] ?? '').length;
  for (const typist of typists) {
    await typist.initialize();
    for (let other = 0; other < others; other++)
      await typist.open(uri(`other${other}`), configuration(1_000));
    await typist.open(uri('typed'), text);
  }
  await typists[0]?.settle(uri('typed'), QUIET);
  const times = typists.map((): number[] => []);
  for (let round = 0; round < WARM_UP + KEYSTROKES; round++) {
    for (const [at, typist] of typists.entries()) {
      const time = await typist.keystroke(uri('typed'), line, character);
      if (round >= WARM_UP) times[at]?.push(time);
    }
  }
  for (const typist of typists) await typist.stop();
  return times.map(median);
}

async function benchOpening(root: string): Promise<void> {
  const directory = join(root, 'etc/modprobe.d');
  await mkdir(directory, { recursive: true });
  const names = Array.from({ length: DISTRIBUTION_FILES }, (_, index) =>
    join(directory, `${index + 10}.conf`),
  );
  const texts = names.map((_, index) => configuration(DISTRIBUTION_LINES, index * DISTRIBUTION_LINES));
  // That is wrong only to who knows all modules, and the files in front.
  const known = /^blacklist .*$/m.exec(texts[0] ?? '')?.[0] ?? '';
  const text = `${texts.pop() ?? ''}blacklist no_such_module\n${known}\n`;
  const expected = ['unknown-module', 'duplicate-entry'];
  await Promise.all(names.map((name, index) => writeFile(name, texts[index] ?? text)));
  const uri = pathToFileURL(names.at(-1) ?? '').href;
  const times: number[] = [];
  const starts: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const start = performance.now();
    const typist = new Typist([SERVER, '--stdio'], { sysroot: root });
    await typist.initialize();
    await typist.open(uri, text);
    await typist.pullUntil(uri, (report) => {
      const found = report.kind === 'full' ? report.items.map(({ code }) => code) : [];
      return expected.every((code) => found.includes(code));
    });
    times.push(performance.now() - start);
    await typist.stop();
    starts.push(elapsed(() => runProgramSync(process.execPath, ['-e', '0'])));
  }
  console.log(
    `\nFrom the start of the server to all diagnostics of a file among ${DISTRIBUTION_FILES}, when these and 5,000 modules ` +
      `are known: ${median(times).toFixed(0)} ms (node -e 0: ${median(starts).toFixed(0)} ms)`,
  );
  await Promise.all(names.map((name) => rm(name)));
}

async function benchParsing(root: string): Promise<void> {
  const file = join(root, 'large.conf');
  const empty = join(root, 'empty.conf');
  await writeFile(file, configuration(COLD_LINES));
  await writeFile(empty, '');
  const lines: number[] = [];
  const words: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const told = runProgramSync(process.execPath, [__filename, '--parse', file], { encoding: 'utf8' });
    const [inLines = NaN, inWords = NaN] = told.stdout.split(' ').map(Number);
    lines.push(inLines);
    words.push(inWords);
    const show = (path: string) =>
      elapsed(() => runProgramSync('modprobe', ['-C', path, '-c'], { maxBuffer: 1 << 30 }));
    theirs.push(show(file) - show(empty));
  }
  const modprobe = median(theirs);
  const row = (what: string, time: number) =>
    `  ${what.padEnd(62)}${time.toFixed(0).padStart(5)} ms${(time / modprobe).toFixed(2).padStart(7)}`;
  console.log(
    `\n${COLD_LINES.toLocaleString('en')} lines, read for the first time in a new process, net of its start; ratio to the last row.`,
  );
  console.log(row('to a node each: where it is, and what kind; words on demand', median(lines)));
  console.log(row('and all their words taken apart, as diagnostics want them', median(words)));
  console.log(row('modprobe -C FILE -c, net of an empty FILE', modprobe));
}

function elapsed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Reads and parses a file in this process. @returns milliseconds: to its nodes, and to all their words */
function parseFile(file: string): [lines: number, words: number] {
  const start = performance.now();
  const { nodes } = parseConfig('modprobe', decodeText(readFileSync(file)));
  const lines = performance.now() - start;
  const kept = nodes.filter((node) => node.kind === 'statement' && node.problem === undefined);
  const words = performance.now() - start;
  if (nodes.length < COLD_LINES || kept.length === 0)
    throw new Error(`${file} has only ${nodes.length} lines`);
  return [lines, words];
}

const [mode, argument] = process.argv.slice(2);
if (mode === '--echo') {
  startEcho(argument === '--text');
} else if (mode === '--parse') {
  console.log(parseFile(argument ?? '').join(' '));
} else {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
