import { access } from 'node:fs/promises';
import { machine as ownMachine, release } from 'node:os';
import { join } from 'node:path';
import { BuildError } from './buildError';
import { isOwnMachine } from './toolChain';

interface Wanted {
  /** The setting; it alone counts where it is given. */
  readonly configured?: string | undefined;
  /** What is known to belong to the target's kernel. */
  readonly offered?: string | undefined;
  /** `uname -r` of the connected target. */
  readonly targetRelease?: string | undefined;
  /** `uname -m` of the connected target. */
  readonly targetMachine?: string | undefined;
}

/**
 * The directory for `make -C`: as configured, else that of the target's kernel where this machine has it,
 * else, for a target of the same kind, that of the running kernel.
 * @throws BuildError that says what to install or set
 */
export async function findKernelBuildDirectory(
  { configured, offered, targetRelease, targetMachine }: Wanted,
  modulesDirectory = '/lib/modules',
): Promise<string> {
  if (configured !== undefined) {
    if (await hasMakefile(configured)) {
      return configured;
    }
    throw new BuildError(
      `${configured} is no kernel build directory: it has no Makefile. Correct the setting kmod.build.kernelDirectory, or kernelDirectory of the target in kmod.targets.`,
    );
  }
  const foreign = targetMachine !== undefined && !isOwnMachine(targetMachine);
  const releases = new Set([
    ...(targetRelease === undefined ? [] : [targetRelease]),
    ...(foreign ? [] : [release()]),
  ]);
  const directories = [...releases].map((one) => join(modulesDirectory, one, 'build'));
  for (const directory of [...(offered === undefined ? [] : [offered]), ...directories]) {
    if (await hasMakefile(directory)) {
      return directory;
    }
  }
  const wanted = targetRelease ?? release();
  const set = 'set kmod.build.kernelDirectory to a kernel build directory';
  throw new BuildError(
    foreign
      ? `there is no ${join(modulesDirectory, wanted, 'build')} to build for the target with: its kernel is ${wanted} for ${targetMachine}, ` +
          `and this machine is ${ownMachine()}. Build or prepare the tree of that kernel (make modules_prepare), and ${set}, or build.kernelDirectory of the target in kmod.targets.`
      : `the headers of the kernel ${wanted} are not installed: there is no ${join(modulesDirectory, wanted, 'build')}. ` +
          `Install them (sudo apt install linux-headers-${wanted}), or ${set}.`,
  );
}

function hasMakefile(directory: string): Promise<boolean> {
  return access(join(directory, 'Makefile')).then(
    () => true,
    () => false,
  );
}
