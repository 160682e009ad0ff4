import { machine as ownMachine } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../engine/base/programs';
import { KERNEL_CONFIG } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { BuildError } from './buildError';

/** What `make` is told of the processor that it builds for; undefined: nothing. */
export interface ToolChain {
  readonly arch: string | undefined;
  readonly crossCompile: string | undefined;
}

interface Wanted {
  readonly kernelDirectory: string;
  /** What a person has set goes before. */
  readonly arch?: string | undefined;
  readonly crossCompile?: string | undefined;
  readonly llvm?: boolean | undefined;
}

/** ARCH by `uname -m`, and the prefix and the package of Debian's compiler for it where there is one of the name. */
const COMPILERS: ReadonlyMap<string, { readonly machines: RegExp; readonly prefix?: string }> = new Map([
  ['arm', { machines: /^arm/, prefix: 'arm-linux-gnueabihf-' }],
  ['arm64', { machines: /^aarch64/, prefix: 'aarch64-linux-gnu-' }],
  ['loongarch', { machines: /^loongarch/, prefix: 'loongarch64-linux-gnu-' }],
  ['mips', { machines: /^mips/ }],
  ['powerpc', { machines: /^ppc/, prefix: 'powerpc64le-linux-gnu-' }],
  ['riscv', { machines: /^riscv/, prefix: 'riscv64-linux-gnu-' }],
  ['s390', { machines: /^s390/, prefix: 's390x-linux-gnu-' }],
  ['x86', { machines: /^(x86_64|i\d86)$/, prefix: 'x86_64-linux-gnu-' }],
]);

/** True where a kernel of `machine` (uname -m) runs what is built here without a cross compiler. */
export function isOwnMachine(machine: string): boolean {
  return archOf(machine) === archOf(ownMachine());
}

const archOf = (machine: string): string =>
  [...COMPILERS].find(([, { machines }]) => machines.test(machine))?.[0] ?? machine;

/**
 * ARCH and CROSS_COMPILE for a kernel build directory, by what its configuration was made for.
 * @throws BuildError where a cross compiler is needed, and none is named or installed
 */
export async function chooseToolChain(
  { kernelDirectory, arch, crossCompile, llvm }: Wanted,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ToolChain> {
  const configured = arch ?? environment['ARCH'] ?? (await configuredArch(kernelDirectory));
  if (configured === undefined || configured === archOf(ownMachine())) {
    return { arch, crossCompile };
  }
  if (crossCompile !== undefined || environment['CROSS_COMPILE'] !== undefined || llvm === true) {
    return { arch: configured, crossCompile };
  }
  const prefix = COMPILERS.get(configured)?.prefix;
  if (prefix !== undefined && findProgram(`${prefix}gcc`, environment) !== undefined) {
    return { arch: configured, crossCompile: prefix };
  }
  if (arch !== undefined) {
    return { arch, crossCompile };
  }
  const install =
    prefix === undefined ? 'Set' : `Install one (sudo apt install gcc-${prefix.slice(0, -1)}), or set`;
  throw new BuildError(
    `${kernelDirectory} is configured for ${configured}, and this machine is ${ownMachine()}: a cross compiler is needed. ` +
      `${install} kmod.build.crossCompile to the prefix of yours, or kmod.build.llvm.`,
  );
}

/** "# Linux/arm64 6.1.0 Kernel Configuration" */
async function configuredArch(kernelDirectory: string): Promise<string | undefined> {
  const config = await readTextFile(join(kernelDirectory, '.config'), KERNEL_CONFIG).catch(() => '');
  return /^# Linux\/(\w+) /m.exec(config.slice(0, 1000))?.[1];
}
