import { access, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { namesIn } from '../../../engine/files/directory';
import { KBUILD_FILE, SHORT_TEXT } from '../../../engine/files/limits';
import { readTextFile } from '../../../engine/files/regularFile';
import { ConnectError } from '../errors';
import { Apt, AptError } from './apt';
import { MACHINES, OWN_ARCHITECTURE, type Architecture } from './architecture';
import type { Kernel } from './findKernel';
import { output, findPrograms } from './programs';

/** What the guest runs beside its kernel. */
const PROGRAMS = ['busybox-static', 'dash', 'dropbear-bin', 'kmod'];
const NOT_NEEDED = ['./usr/share/*', '*/gconv/*'].map((pattern) => `--exclude=${pattern}`);

export interface FetchOptions {
  readonly cacheDirectory: string;
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Debian's cloud kernel for another architecture with its headers, out of this system's package sources; fetched
 * once (36 MB) and kept in `cacheDirectory`.
 * @throws ConnectError of kind "start" that says what to set instead
 */
export async function ensureDebianKernel(architecture: Architecture, options: FetchOptions): Promise<Kernel> {
  const directory = await ensure('kernel', architecture, options, async (apt, into) => {
    const { debian } = MACHINES[architecture];
    const [image, headers] = await Promise.all([
      apt.dependency(`linux-image-cloud-${debian}:${debian}`, /^linux-image-\d/),
      apt.dependency(`linux-headers-cloud-${debian}:${debian}`, /^linux-headers-\d/),
    ]);
    const ofHeaders = `${headers}:${debian}`;
    const common = await apt.dependency(ofHeaders, /^linux-headers-.*-common$/);
    const kbuild = await apt.dependency(ofHeaders, /^linux-kbuild-/);
    const own = MACHINES[OWN_ARCHITECTURE].debian;
    const names = [`${image}:${debian}`, ofHeaders, `${common}:all`, `${kbuild}:${own}`];
    await apt.unpack(names, into, ['--exclude=./usr/share/*']);
    await prepare(into);
  });
  const modules = await modulesIn(directory);
  const release = await onlyEntry(modules);
  const modulesDirectory = join(modules, release);
  return {
    architecture,
    release,
    image: join(directory, 'boot', `vmlinuz-${release}`),
    modulesDirectory,
    buildDirectory: join(modulesDirectory, 'build'),
  };
}

/**
 * Debian's BusyBox, kmod and dropbear for another architecture with their libraries, as a root directory; fetched
 * once (10 MB) and kept in `cacheDirectory`.
 * @throws ConnectError of kind "start" that says what to set instead
 */
export function ensureDebianRoot(architecture: Architecture, options: FetchOptions): Promise<string> {
  return ensure('programs', architecture, options, (apt, into) =>
    apt.unpackWhole(PROGRAMS, into, NOT_NEEDED),
  );
}

const INSTEAD = {
  kernel: 'kernelImage and modulesDirectory',
  programs: 'rootDirectory, a directory with BusyBox and dropbear for it',
};

async function ensure(
  what: 'kernel' | 'programs',
  architecture: Architecture,
  { cacheDirectory, step, signal }: FetchOptions,
  fetch: (apt: Apt, into: string) => Promise<void>,
): Promise<string> {
  const directory = join(cacheDirectory, `debian-${architecture}-${what}`);
  if (await isThere(directory)) {
    return directory;
  }
  const set = `Set ${INSTEAD[what]} of the target in kmod.targets.`;
  if (!/^ID=debian$/m.test(await readTextFile('/etc/os-release', SHORT_TEXT).catch(() => ''))) {
    const message = `only on Debian can a ${what === 'kernel' ? 'kernel' : 'userland'} for ${architecture} be fetched.`;
    throw new ConnectError(`${message} ${set}`, 'start');
  }
  findPrograms([MACHINES[architecture].qemu]);
  step(`fetching Debian's ${what} for ${architecture}…`);
  // Made aside and moved into place whole.
  const unfinished = `${directory}.${process.pid}`;
  const architectures = [MACHINES[architecture].debian, MACHINES[OWN_ARCHITECTURE].debian] as const;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await Apt.use(`${unfinished}.apt`, { architectures, signal }, (apt) => fetch(apt, unfinished));
    await rename(unfinished, directory);
    return directory;
  } catch (error) {
    if (error instanceof AptError) {
      const message = `Debian's ${what} for ${architecture} can not be fetched: ${error.message}.`;
      throw new ConnectError(`${message} Try again, or: ${set}`, 'start', { cause: error });
    }
    throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** What the packages' own scripts do when they are installed, for a place that may be moved. */
async function prepare(root: string): Promise<void> {
  const modules = await modulesIn(root);
  const release = await onlyEntry(modules);
  const sources = join(root, 'usr/src');
  const headers = (await namesIn(sources)).find((name) => name.endsWith(release)) ?? '';
  const makefile = join(sources, headers, 'Makefile');
  const beside = '$(dir $(realpath $(lastword $(MAKEFILE_LIST))))../';
  await writeFile(makefile, (await readTextFile(makefile, KBUILD_FILE)).replaceAll('/usr/src/', beside));
  const build = join(modules, release, 'build');
  await rm(build, { force: true });
  await symlink(relative(dirname(build), join(sources, headers)), build);
  await rm(join(modules, release, 'source'), { force: true });
  const { depmod } = findPrograms(['depmod']);
  await output(depmod, ['-b', modules.slice(0, -'/lib/modules'.length), release]);
}

async function modulesIn(root: string): Promise<string> {
  const [old, merged] = ['lib/modules', 'usr/lib/modules'].map((name) => join(root, name));
  return (await isThere(old ?? '')) ? (old ?? '') : (merged ?? '');
}

async function onlyEntry(directory: string): Promise<string> {
  return (await namesIn(directory))[0] ?? '';
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
