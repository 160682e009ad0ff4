// Kernels to read, and never to run: the distribution's full one for this machine, and some of other architectures.
// Only modules are kept, in .cache/kernels: some 150 MB are fetched once, of which 600 MB stay.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runProgram } from '../engine/base/startProgram';
import { Apt } from '../client/targets/scratch/apt';
import { KERNELS_CACHE } from './places';

/** What is kept of a foreign kernel: some hundred modules of each kind. */
const SOME_MODULES = ['net', 'fs', 'crypto', 'drivers/net'].map((part) => `*/kernel/${part}/*`);
const TABLES = ['*/modules.builtin', '*/modules.builtin.modinfo', '*/modules.order'];
const SOME = [...SOME_MODULES, ...TABLES];

interface Package {
  /** The metapackage: Debian has them under these names. */
  readonly name: string;
  /** Patterns of what is taken out of the package that it depends on. */
  readonly files: readonly string[];
}

const KERNELS: Readonly<Record<string, readonly Package[]>> = {
  amd64: [
    { name: 'linux-image-amd64', files: ['*/lib/modules/*'] },
    { name: 'linux-headers-amd64', files: ['*/Module.symvers'] },
  ],
  arm64: [{ name: 'linux-image-cloud-arm64', files: SOME }],
  // 64 bits, big-endian
  s390x: [{ name: 'linux-image-s390x', files: SOME }],
  // 32 bits
  armel: [{ name: 'linux-image-rpi', files: SOME }],
};

async function main(): Promise<void> {
  if (!/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))) {
    console.log('The kernels of other architectures are read on Debian only.');
    return;
  }
  const missing = Object.keys(KERNELS).filter((name) => !existsSync(join(KERNELS_CACHE, name, 'complete')));
  const [first, ...others] = missing;
  if (first === undefined) {
    return;
  }
  console.log(`Fetching kernels to read: ${missing.join(' ')}`);
  await Apt.use(join(KERNELS_CACHE, 'apt'), { architectures: [first, ...others] }, async (apt) => {
    for (const architecture of missing) {
      await fetchKernel(architecture, apt);
    }
  });
}

async function fetchKernel(architecture: string, apt: Apt): Promise<void> {
  const directory = join(KERNELS_CACHE, architecture);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const { name, files } of KERNELS[architecture] ?? []) {
    const depends = await apt.dependency(`${name}:${architecture}`, /^linux-(image|headers)-\d/);
    await apt.unpack([`${depends}:${architecture}`], directory, files);
  }
  const [modules] = ['lib/modules', 'usr/lib/modules']
    .map((path) => join(directory, path))
    .filter((path) => existsSync(path));
  const [release] = modules === undefined ? [] : readdirSync(modules);
  if (modules === undefined || release === undefined) {
    throw new Error(`${architecture} has no modules.`);
  }
  await runProgram('depmod', ['-b', modules.slice(0, -'/lib/modules'.length), release]);
  writeFileSync(join(directory, 'complete'), `${relative(directory, join(modules, release))}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
