import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { atHome } from '../atHome';
import { ConnectError } from '../errors';
import { OWN_ARCHITECTURE, type Architecture } from './architecture';
import { ensureDebianKernel, type FetchOptions } from './debian';
import { findKernel, type Kernel } from './findKernel';
import { readKernelImage } from './kernelImage';
import { findModuleDirectory, isKernelTree } from './moduleDirectory';

/** What a person says of the kernel to start; all of it may be left out. */
export interface KernelChoice {
  readonly architecture?: Architecture | undefined;
  /** Of a kernel that is installed: its `uname -r`. */
  readonly release?: string | undefined;
  /** A bzImage, an Image or a distribution's vmlinuz; `~/` is the home directory. */
  readonly kernelImage?: string | undefined;
  /** What findModuleDirectory takes; `~/` is the home directory. */
  readonly modulesDirectory?: string | undefined;
}

/**
 * The kernel to start: the one that is named, else the best that is installed, else, for another architecture,
 * Debian's.
 * @throws ConnectError of kind "start" that says what to install or to set
 */
export async function chooseKernel(choice: KernelChoice, options: FetchOptions): Promise<Kernel> {
  const { architecture = OWN_ARCHITECTURE, release } = choice;
  const image = atHome(choice.kernelImage);
  const modules = atHome(choice.modulesDirectory);
  if (image !== undefined || modules !== undefined) {
    return givenKernel({ image, modules, architecture: choice.architecture }, options.cacheDirectory);
  }
  return architecture === OWN_ARCHITECTURE ? findKernel(release) : ensureDebianKernel(architecture, options);
}

/** An image lies alone, and nobody said where its modules are. */
export class ModulesUnknownError extends ConnectError {
  constructor(image: string) {
    super(
      `which modules belong to ${image} can not be told by its place. Set modulesDirectory of the target in kmod.targets: ` +
        'a directory that make modules_install made, lib/modules/RELEASE, or the kernel tree.',
      'start',
    );
  }
}

interface Given {
  readonly image: string | undefined;
  readonly modules: string | undefined;
  readonly architecture: Architecture | undefined;
}

async function givenKernel(given: Given, cacheDirectory: string): Promise<Kernel> {
  // A wrong path to an image is told as that, before its modules are looked for.
  const facts = given.image === undefined ? undefined : await readKernelImage(given.image);
  const origin = given.modules ?? (await modulesOfImage(given.image ?? ''));
  const modules = await findModuleDirectory(origin, cacheDirectory);
  const image = given.image ?? (await imageOfModules(origin, modules));
  const { architecture, release } = facts ?? (await readKernelImage(image));
  if (given.architecture !== undefined && given.architecture !== architecture) {
    throw new ConnectError(
      `${image} is a kernel for ${architecture}, and the target's architecture is ${given.architecture}. ` +
        'Correct one of them in kmod.targets.',
      'start',
    );
  }
  if (release !== undefined && release !== modules.release) {
    throw new ConnectError(
      `${image} is the kernel ${release}, and the modules in ${origin} are those of ${modules.release}: it would not ` +
        'load them. Name the modules of the same build (modulesDirectory), or build both again.',
      'start',
    );
  }
  const { buildDirectory } = modules;
  return { architecture, release: modules.release, image, modulesDirectory: modules.path, buildDirectory };
}

/** A kernel tree for its arch/x86/boot/bzImage; lib/modules/RELEASE beside boot/vmlinuz-RELEASE. */
async function modulesOfImage(image: string): Promise<string> {
  const tree = join(dirname(image), '../../..');
  if (await isKernelTree(tree)) {
    return tree;
  }
  const release = /^vmlinu[zx]-(.+)$/.exec(basename(image))?.[1] ?? basename(dirname(image));
  const root = join(dirname(image), '..');
  const beside = await firstThere(
    ['lib/modules', 'usr/lib/modules'].map((path) => join(root, path, release)),
  );
  // Fedora has the image among its modules.
  const found = beside ?? ((await firstThere([join(dirname(image), 'kernel')])) && dirname(image));
  if (found === undefined) {
    throw new ModulesUnknownError(image);
  }
  return found;
}

async function imageOfModules(origin: string, { release }: { readonly release: string }): Promise<string> {
  const places = [
    join(origin, 'vmlinuz'),
    join(origin, 'arch/x86/boot/bzImage'),
    join(origin, 'arch/arm64/boot/Image'),
    join(origin, '../../..', 'boot', `vmlinuz-${release}`),
    join(origin, '../../../..', 'boot', `vmlinuz-${release}`),
    join(origin, 'boot', `vmlinuz-${release}`),
  ];
  const found = await firstThere(places);
  if (found === undefined) {
    throw new ConnectError(
      `there is no kernel image near ${origin}. Set kernelImage of the target in kmod.targets: ` +
        'a bzImage, an Image or a vmlinuz.',
      'start',
    );
  }
  return found;
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      return path;
    }
  }
  return undefined;
}
