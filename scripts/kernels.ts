import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../engine/base/startProgram';

/** A kernel whose modules are cases. */
export interface KernelToRead {
  readonly architecture: string;
  readonly release: string;
  /** /lib/modules/RELEASE, or where it was unpacked. */
  readonly tree: string;
  /** Its modules, as modinfo takes them. */
  readonly files: readonly string[];
}

/** npm runs the tests and the benchmark in the project's folder. */
const CACHE = join(process.cwd(), '.cache/kernels');

/** The kernel that is installed, which the scratch kernel runs. */
export function installedKernel(): KernelToRead {
  const releases = readdirSync('/lib/modules').filter((name) => existsSync(join('/boot', `vmlinuz-${name}`)));
  const newest = releases.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined) throw new Error('no kernel package is installed (linux-image-cloud-amd64)');
  return kernelIn('installed', join('/lib/modules', newest));
}

/** What scripts/fetchKernels.ts fetched: the full kernel (amd64), and others of which some modules are kept. */
export function fetchedKernels(): KernelToRead[] {
  if (!existsSync(CACHE)) return [];
  return readdirSync(CACHE).flatMap((architecture) => {
    const complete = join(CACHE, architecture, 'complete');
    if (!existsSync(complete)) return [];
    // The cache may have come from another folder: what stands before the path in it counts for nothing.
    const [path = ''] = /(usr\/)?lib\/modules\/.+/.exec(readFileSync(complete, 'utf8')) ?? [];
    return [kernelIn(architecture, join(CACHE, architecture, path))];
  });
}

function kernelIn(architecture: string, tree: string): KernelToRead {
  const files = readdirSync(join(tree, 'kernel'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ko(\.(gz|xz|zst))?$/.test(path))
    .map((path) => join(tree, 'kernel', path))
    .sort();
  return { architecture, release: tree.slice(tree.lastIndexOf('/') + 1), tree, files };
}

/** What a program prints. */
export async function outputOf(program: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await runProgram(program, args, { encoding: 'buffer', maxBuffer: 1 << 29 });
  return stdout;
}
