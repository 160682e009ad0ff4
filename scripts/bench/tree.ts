// What a tree of modules costs: made out of depmod's files, asked, and kept; as ratios to modprobe in the same run.
// npm run bench -- tree 9: nine rounds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgramSync } from '../../engine/base/startProgram';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { parseModulesAlias } from '../../kmod/tree/parse';
import { searchTree } from '../../kmod/tree/search';
import { fetchedKernels, installedKernel, type KernelToRead } from '../kernels';

const ROUNDS = 7;

/** Aliases that are resolved in a round. */
const SAMPLE = 4000;

const MEBIBYTE = 1 << 20;

function main(): void {
  if (process.argv[2] === '--heap') return printHeap(process.argv[3] ?? '');
  const rounds = Number(process.argv[2] ?? ROUNDS);
  const full = fetchedKernels().filter(({ architecture }) => architecture === 'amd64');
  for (const kernel of [installedKernel(), ...full]) benchKernel(kernel, rounds);
}

const read = (directory: string): ModuleTree =>
  ModuleTree.of((file) => {
    try {
      return readFileSync(join(directory, file));
    } catch (error) {
      // modules.weakdep is written since kmod 33.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });

/** The first answers build the indexes. */
function readWithIndexes(directory: string): ModuleTree {
  const tree = read(directory);
  tree.resolve('pci:v0');
  tree.exportersOf('x');
  tree.dependants('x');
  return tree;
}

function benchKernel({ release, tree: directory, files }: KernelToRead, rounds: number): void {
  const root = directory.slice(0, directory.lastIndexOf('/lib/modules/'));
  const modprobe = ['-C', '/dev/null', '-d', root === '' ? '/' : root, '-S', release];
  const tree = readWithIndexes(directory);
  const aliases = parseModulesAlias(tree.text('modules.alias')).map(({ pattern }) =>
    pattern.replaceAll('*', '0').replace(/\[(.).*?\]/g, '$1'),
  );
  const step = Math.max(1, Math.floor(aliases.length / SAMPLE));
  const names = aliases.filter((_, index) => index % step === 0);
  const [name = ''] = names;
  const best = { dump: Infinity, resolve: Infinity, index: Infinity, lookup: Infinity, search: Infinity };
  const time = (what: keyof typeof best, calls: number, work: () => void): void => {
    const start = performance.now();
    work();
    best[what] = Math.min(best[what], (performance.now() - start) / calls);
  };
  for (let round = 0; round < rounds; round++) {
    time('dump', 1, () => runProgramSync('modprobe', [...modprobe, '-c'], { maxBuffer: 1 << 28 }));
    time('resolve', 1, () => runProgramSync('modprobe', [...modprobe, '-R', name]));
    time('index', 1, () => readWithIndexes(directory));
    time('lookup', names.length, () => names.forEach((alias) => tree.resolve(alias)));
    time('search', 1, () => searchTree(tree, 'register', undefined, 50));
  }
  console.log(
    `${files.length} modules and ${aliases.length} aliases of ${release}, the fastest of ${rounds} rounds`,
  );
  line(best.dump, 'ms', '', 'modprobe -c');
  line(
    best.index,
    'ms',
    ratio(best.index, best.dump),
    'files read, aliases and symbols indexed; ratio to modprobe -c',
  );
  line(best.resolve, 'ms', '', 'modprobe -R');
  line(best.lookup * 1000, 'µs', ratio(best.lookup, best.resolve), 'an alias resolved; ratio to modprobe -R');
  line(best.search, 'ms', '', 'a search by name, alias and symbol');
  const heap = runProgramSync(process.execPath, ['--expose-gc', __filename, '--heap', directory], {
    encoding: 'utf8',
  });
  line(Number(heap.stdout) / MEBIBYTE, 'MiB', '', 'kept of it, all indexes built');
  console.log();
}

const ratio = (ours: number, theirs: number): string => (ours / theirs).toFixed(4);

function line(value: number, unit: string, compared: string, what: string): void {
  console.log(`${value.toFixed(2).padStart(9)} ${unit.padEnd(3)} ${compared.padStart(7)}  ${what}`);
}

/** In a process of its own, where nothing else comes and goes. */
function printHeap(directory: string): void {
  const used = (): number => {
    for (let pass = 0; pass < 4; pass++) globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  readWithIndexes(directory);
  const before = used();
  const tree = readWithIndexes(directory);
  const after = used();
  console.log(after - before);
  // It is needed until here.
  if (tree.names.length === 0) throw new Error(`${directory} has no modules`);
}

main();
