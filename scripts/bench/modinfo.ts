// What reading modules costs, as ratios to one C modinfo over the same files in the same run: medians of rounds in
// which all take turns, by the clock and by the processor's time.
// npm run bench -- modinfo 9: nine rounds.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgramSync } from '../../engine/base/startProgram';
import { scanModules } from '../../client/kernel/moduleScan';
import { readContents } from '../../kmod/contents';
import { scanModuleInfo } from '../../kmod/modinfo';
import { readModuleNow } from '../../engine/files/moduleFile';
import { fetchedKernels, installedKernel, type KernelToRead } from '../kernels';

const CLI = join(__dirname, '../cli.js');
const ROUNDS = 7;
/** Files are put out of the page cache one by one, which takes longer than all else. */
const COLD_ROUNDS = 3;

/** Milliseconds by the clock, and of the processor: in programs and in the kernel. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

type Costs = Map<string, Cost[]>;

async function main(): Promise<void> {
  const [first, ...files] = process.argv.slice(2);
  if (first === '--index') return index(files);
  const rounds = Number(first ?? ROUNDS);
  benchFile(rounds);
  const full = fetchedKernels().filter(({ architecture }) => architecture === 'amd64');
  for (const kernel of [installedKernel(), ...full]) benchKernel(kernel, rounds);
  benchLarge();
}

/** In a process of its own: what the first index costs, what one costs that is made anew, and what is kept. */
async function index(files: readonly string[]): Promise<void> {
  const named = files.map((file) => [file, file] as const);
  const before = heapUsed();
  const costs: Cost[] = [];
  for (let time = 0; time < 3; time++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const made = await scanModules(named, fail, new AbortController().signal);
    const { user, system } = process.cpuUsage(used);
    costs.push({ wall: performance.now() - start, cpu: (user + system) / 1000 });
    if (time === 2)
      console.log(JSON.stringify({ costs, heap: heapUsed() - before, names: [...made.names].length }));
  }
}

function fail(file: string, error: unknown): never {
  throw new Error(file, { cause: error });
}

function heapUsed(): number {
  for (let pass = 0; pass < 4; pass++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function benchKernel({ release, files }: KernelToRead, rounds: number): void {
  const costs: Costs = new Map();
  const cold: Costs = new Map();
  let same = true;
  let heap = NaN;
  for (let round = 0; round < rounds; round++) {
    const theirs = timed(costs, 'modinfo', 'modinfo', files);
    const ours = timed(costs, 'cli', process.execPath, [CLI, 'modinfo', ...files]);
    timed(costs, 'node', process.execPath, ['-e', '0']);
    same &&= ours.equals(theirs);
    const made = indexApart(files);
    heap = made.heap;
    note(costs, 'index', made.first);
    note(costs, 'again', made.again);
  }
  for (let round = 0; round < Math.min(rounds, COLD_ROUNDS); round++) {
    dropFromCache(files);
    timed(cold, 'modinfo', 'modinfo', files);
    dropFromCache(files);
    note(cold, 'index', indexApart(files).first);
  }
  console.log(`${files.length} modules of ${release}, medians of ${rounds} rounds; ratios to modinfo`);
  print(costs, 'modinfo', 'one C modinfo over all files');
  print(costs, 'cli', `our command line over all files, ${same ? 'the same bytes' : 'OTHER BYTES'}`);
  print(costs, 'node', 'of which node -e 0');
  print(costs, 'index', "every module's metadata, first in a process (without its start)");
  print(costs, 'again', "every module's metadata, made anew");
  console.log(`${(heap / 2 ** 20).toFixed(1)} MiB kept of it`);
  console.log('The same with none of the files in the page cache');
  print(cold, 'modinfo', 'one C modinfo over all files');
  print(cold, 'index', "every module's metadata, first in a process (without its start)");
  console.log();
}

function indexApart(files: readonly string[]): { first: Cost; again: Cost; heap: number } {
  const { stdout, stderr } = runProgramSync(
    process.execPath,
    ['--expose-gc', __filename, '--index', ...files],
    {
      encoding: 'utf8',
    },
  );
  if (stdout === '') throw new Error(stderr);
  const { costs, heap } = JSON.parse(stdout) as { costs: [Cost, Cost, Cost]; heap: number };
  return { first: costs[0], again: costs[2], heap };
}

/** coreutils' manual has it so for a whole file. */
function dropFromCache(files: readonly string[]): void {
  const loop = 'for file do dd if="$file" iflag=nocache count=0 status=none; done';
  if (runProgramSync('sh', ['-c', loop, 'sh', ...files]).status !== 0) throw new Error('dd failed');
}

/** One file: a process against a call. */
function benchFile(rounds: number): void {
  const file = sampleModule();
  const costs: Costs = new Map();
  const calls = 200;
  for (let round = 0; round < rounds; round++) {
    timed(costs, 'modinfo', 'modinfo', [file]);
    const info = () => readModuleNow(file, (source) => scanModuleInfo(source, file));
    note(costs, 'call', called(calls, info));
    const contents = () => readModuleNow(file, (source) => readContents(source, file));
    note(costs, 'contents', called(1, contents));
  }
  console.log('One module (nf_tables); ratios to modinfo');
  print(costs, 'modinfo', 'a C modinfo');
  print(costs, 'call', 'the same in the process');
  print(costs, 'contents', 'all contents: symbols, CRCs, sections, …');
  console.log();
}

function called(times: number, task: () => unknown): Cost {
  const [start, used] = [performance.now(), process.cpuUsage()];
  for (let time = 0; time < times; time++) task();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - start) / times, cpu: (user + system) / 1000 / times };
}

/** With imports, exports and more than a thousand symbols. */
function sampleModule(): string {
  const file = installedKernel().files.find((path) => path.endsWith('/nf_tables.ko'));
  if (file === undefined) throw new Error('the installed kernel has no nf_tables.ko');
  return file;
}

/** What is read of a module of 30 MB, most of it debugging information. */
function benchLarge(): void {
  const directory = mkdtempSync(join(tmpdir(), 'vscode-kmod-bench-'));
  try {
    const [debug, file] = [join(directory, 'debug'), join(directory, 'large.ko')];
    writeFileSync(debug, Buffer.alloc(30 << 20, 1));
    runProgramSync('objcopy', ['--add-section', `.debug_info=${debug}`, sampleModule(), file]);
    let read = 0;
    const start = performance.now();
    readModuleNow(file, (source) => {
      const counting = {
        size: source.size,
        read: (offset: number, length: number) => ((read += length), source.read(offset, length)),
      };
      return readContents(counting, file);
    });
    const time = performance.now() - start;
    const { size } = statSync(file);
    console.log(
      `All contents of a module of ${size >> 20} MiB: ${time.toFixed(1)} ms, ${read >> 10} KiB of it read`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a program, and returns what it prints. bash measures it: Node does not tell what a child took. */
function timed(costs: Costs, name: string, program: string, args: readonly string[]): Buffer {
  const script = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&3; } 3>/dev/null';
  const { stdout, stderr } = runProgramSync('bash', ['-c', script, 'bash', program, ...args], {
    maxBuffer: 1 << 29,
  });
  const [wall = NaN, user = NaN, system = NaN] = stderr.toString().split(' ').map(Number);
  note(costs, name, { wall: wall * 1000, cpu: (user + system) * 1000 });
  return stdout;
}

function note(costs: Costs, name: string, cost: Cost): void {
  costs.set(name, [...(costs.get(name) ?? []), cost]);
}

function print(costs: Costs, name: string, what: string): void {
  const median = (of: string, kind: keyof Cost): number => {
    const sorted = (costs.get(of) ?? []).map((cost) => cost[kind]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? NaN;
  };
  const column = (kind: keyof Cost): string => {
    const time = median(name, kind);
    return `${time.toFixed(2).padStart(9)} ms ${(time / median('modinfo', kind)).toFixed(3).padStart(6)}`;
  };
  console.log(`${column('wall')} by the clock ${column('cpu')} of the processor  ${what}`);
}

void main();
