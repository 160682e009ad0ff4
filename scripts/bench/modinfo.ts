// What reading modules costs, as ratios to one C modinfo over the same files in the same run.
// npm run bench -- modinfo 9: nine rounds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContents } from '../../kmod/contents';
import { findModinfo, scanModuleInfo } from '../../kmod/modinfo';
import { readModuleNow } from '../../server/modules/moduleFile';
import { fetchedKernels, installedKernel, type KernelToRead } from '../kernels';

const CLI = join(__dirname, '../cli.js');
const ROUNDS = 7;

/** The fastest of some rounds, in ms: what else the machine does only ever adds. */
type Best = Record<string, number>;

function main(): void {
  if (process.argv[2] === '--index') return index(process.argv.slice(3));
  const rounds = Number(process.argv[2] ?? ROUNDS);
  benchFile(rounds);
  const full = fetchedKernels().filter(({ architecture }) => architecture === 'amd64');
  for (const kernel of [installedKernel(), ...full]) benchKernel(kernel, rounds);
  benchLarge();
}

/** In a process of its own: what the first index costs, and what one costs that is made anew. */
function index(files: readonly string[]): void {
  const times = [0, 1, 2].map(() => {
    const start = performance.now();
    const texts = files.map((file) =>
      readModuleNow(file, (source) => findModinfo(source).toString('latin1')),
    );
    return texts.length > 0 ? performance.now() - start : NaN;
  });
  console.log(JSON.stringify({ first: times[0], again: Math.min(...times.slice(1)) }));
}

function benchKernel({ release, files }: KernelToRead, rounds: number): void {
  const best: Best = {};
  let same = true;
  for (let round = 0; round < rounds; round++) {
    const theirs = timed(best, 'modinfo', 'modinfo', files);
    const ours = timed(best, 'cli', process.execPath, [CLI, 'modinfo', ...files]);
    timed(best, 'node', process.execPath, ['-e', '0']);
    same &&= ours.equals(theirs);
    const { stdout } = spawnSync(process.execPath, [__filename, '--index', ...files]);
    const { first, again } = JSON.parse(stdout.toString()) as { first: number; again: number };
    best['first'] = Math.min(best['first'] ?? Infinity, first);
    best['again'] = Math.min(best['again'] ?? Infinity, again);
  }
  console.log(`${files.length} modules of ${release}, the fastest of ${rounds} rounds; ratios to modinfo`);
  print(best, 'modinfo', 'one C modinfo over all files');
  print(best, 'cli', `our command line over all files, ${same ? 'the same bytes' : 'OTHER BYTES'}`);
  print(best, 'node', 'of which node -e 0');
  print(best, 'first', "every module's metadata, first in a process (without its start)");
  print(best, 'again', "every module's metadata, made anew");
  console.log();
}

/** One file: a process against a call. */
function benchFile(rounds: number): void {
  const file = sampleModule();
  const best: Best = {};
  const calls = 200;
  for (let round = 0; round < rounds; round++) {
    timed(best, 'modinfo', 'modinfo', [file]);
    const start = performance.now();
    for (let call = 0; call < calls; call++) readModuleNow(file, (source) => scanModuleInfo(source, file));
    best['call'] = Math.min(best['call'] ?? Infinity, (performance.now() - start) / calls);
    const contents = performance.now();
    readModuleNow(file, (source) => readContents(source, file));
    best['contents'] = Math.min(best['contents'] ?? Infinity, performance.now() - contents);
  }
  console.log('One module (nf_tables); ratios to modinfo');
  print(best, 'modinfo', 'a C modinfo');
  print(best, 'call', 'the same in the process');
  print(best, 'contents', 'all contents: symbols, CRCs, sections, …');
  console.log();
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
    spawnSync('objcopy', ['--add-section', `.debug_info=${debug}`, sampleModule(), file]);
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

function timed(best: Best, name: string, program: string, args: readonly string[]): Buffer {
  const start = performance.now();
  const { stdout } = spawnSync(program, args, { maxBuffer: 1 << 29 });
  best[name] = Math.min(best[name] ?? Infinity, performance.now() - start);
  return stdout;
}

function print(best: Best, name: string, what: string): void {
  const { [name]: time = NaN, modinfo: base = NaN } = best;
  console.log(`${time.toFixed(2).padStart(9)} ms ${(time / base).toFixed(3).padStart(7)}  ${what}`);
}

main();
