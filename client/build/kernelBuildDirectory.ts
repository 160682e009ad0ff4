import { access } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { BuildError } from './buildError';

interface Wanted {
  /** The setting; it alone counts where it is given. */
  readonly configured?: string | undefined;
  /** `uname -r` of the connected target. */
  readonly targetRelease?: string | undefined;
}

/**
 * The directory for `make -C`: as configured, else that of the target's release where this machine has it,
 * else that of the running kernel.
 * @throws BuildError that says what to install or set
 */
export async function findKernelBuildDirectory(
  { configured, targetRelease }: Wanted,
  modulesDirectory = '/lib/modules',
): Promise<string> {
  if (configured !== undefined) {
    if (await hasMakefile(configured)) {
      return configured;
    }
    throw new BuildError(
      `${configured} is no kernel build directory: it has no Makefile. Correct the setting kmod.build.kernelDirectory.`,
    );
  }
  const releases = [...new Set([...(targetRelease === undefined ? [] : [targetRelease]), release()])];
  for (const one of releases) {
    const directory = join(modulesDirectory, one, 'build');
    if (await hasMakefile(directory)) {
      return directory;
    }
  }
  const wanted = targetRelease ?? release();
  throw new BuildError(
    `the headers of the kernel ${wanted} are not installed: there is no ${join(modulesDirectory, wanted, 'build')}. ` +
      `Install them (sudo apt install linux-headers-${wanted}), or set kmod.build.kernelDirectory to a kernel build directory.`,
  );
}

function hasMakefile(directory: string): Promise<boolean> {
  return access(join(directory, 'Makefile')).then(
    () => true,
    () => false,
  );
}
