import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../../engine/files/directory';
import { ConnectError } from '../errors';
import { OWN_ARCHITECTURE, type Architecture } from './architecture';
import { buildDirectoryOf } from './moduleDirectory';

/** A kernel that a virtual machine can start. */
export interface Kernel {
  readonly architecture: Architecture;
  /** The name of its directory in /lib/modules, which is its `uname -r`. */
  readonly release: string;
  readonly image: string;
  readonly modulesDirectory: string;
  /** For `make -C`; undefined: its headers are not here. */
  readonly buildDirectory: string | undefined;
}

export interface KernelPlaces {
  readonly boot: string;
  readonly modules: string;
}

const PLACES: KernelPlaces = { boot: '/boot', modules: '/lib/modules' };

const can = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

async function candidate(release: string, places: KernelPlaces): Promise<(Kernel & { readable: boolean })[]> {
  const modulesDirectory = join(places.modules, release);
  if (!(await can(join(modulesDirectory, 'modules.dep'), constants.R_OK))) {
    return [];
  }
  for (const image of [join(places.boot, `vmlinuz-${release}`), join(modulesDirectory, 'vmlinuz')]) {
    if (await can(image, constants.F_OK)) {
      const buildDirectory = await buildDirectoryOf(modulesDirectory);
      const readable = await can(image, constants.R_OK);
      return [{ architecture: OWN_ARCHITECTURE, release, image, modulesDirectory, buildDirectory, readable }];
    }
  }
  return [];
}

/** Better first: one that modules can be built for, then a cloud kernel (it boots fastest), then the newest. */
function better(a: Kernel, b: Kernel): number {
  const cloud = (kernel: Kernel): number => (/-(cloud|kvm|virtual)\b/.test(kernel.release) ? 1 : 0);
  return (
    Number(b.buildDirectory !== undefined) - Number(a.buildDirectory !== undefined) ||
    cloud(b) - cloud(a) ||
    b.release.localeCompare(a.release, 'en', { numeric: true })
  );
}

/**
 * The kernel to start: the one of `release`, or the best that is installed.
 * @throws ConnectError of kind "start" that says what to install or to make readable
 */
export async function findKernel(release?: string, places: KernelPlaces = PLACES): Promise<Kernel> {
  const releases = await namesIn(places.modules).catch(() => []);
  const installed = (await Promise.all(releases.map((name) => candidate(name, places)))).flat().sort(better);
  const wanted = release === undefined ? installed : installed.filter((one) => one.release === release);
  const chosen = wanted.find((one) => one.readable);
  if (chosen !== undefined) {
    const { readable: _, ...kernel } = chosen;
    return kernel;
  }
  const unreadable = wanted[0];
  if (unreadable !== undefined) {
    throw new ConnectError(
      `the scratch kernel can not read ${unreadable.image}: Ubuntu keeps it for root. ` +
        `Make it readable: sudo chmod a+r ${unreadable.image}`,
      'start',
    );
  }
  throw new ConnectError(
    release === undefined
      ? 'the scratch kernel needs a kernel of the distribution, and none is installed. ' +
          'Debian: sudo apt install linux-image-cloud-amd64 linux-headers-cloud-amd64; ' +
          'Ubuntu: sudo apt install linux-image-virtual linux-headers-virtual'
      : `the kernel ${release} is not installed: there is no ${join(places.boot, `vmlinuz-${release}`)} with modules in ` +
          `${join(places.modules, release)}. ` +
          (installed.length === 0
            ? 'No other kernel is installed either.'
            : `Installed: ${installed.map((one) => one.release).join(', ')}.`),
    'start',
  );
}
