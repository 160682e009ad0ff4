import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModule } from '../../client/kernel/loadModule';
import { chooseKernel } from '../../client/targets/scratch/chooseKernel';
import { findKernel, type Kernel } from '../../client/targets/scratch/findKernel';
import { mainJob } from './mainJob';
import { buildSample, CACHE, never, openScratch, scratchOf, useDirectory, type Scratch } from './scratch';

const directory = useDirectory();

/** Other distributions have no packages of another architecture in the sources of this one. */
const onDebian = /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** vmlinuz and lib/modules as a package has them that was unpacked, and not installed: depmod was not there. */
async function unpackedKernel(): Promise<{ root: string; kernel: Kernel }> {
  const kernel = await findKernel();
  const root = join(directory, 'unpacked');
  const modules = join(root, 'lib/modules', kernel.release);
  mkdirSync(join(root, 'boot'), { recursive: true });
  symlinkSync(kernel.image, join(root, 'boot', `vmlinuz-${kernel.release}`));
  for (const path of [
    'modules.order',
    'modules.builtin',
    'kernel/drivers/virtio',
    'kernel/drivers/net',
    'kernel/net/core',
  ]) {
    const source = join(kernel.modulesDirectory, path);
    if (existsSync(source)) {
      mkdirSync(dirname(join(modules, path)), { recursive: true });
      cpSync(source, join(modules, path), { recursive: true });
    }
  }
  return { root, kernel };
}

describe.runIf(onDebian)('a scratch kernel for arm64', () => {
  let kernel: Kernel;
  let scratch: Scratch;

  beforeAll(async () => {
    const options = { cacheDirectory: CACHE, step: () => undefined, signal: never };
    kernel = await chooseKernel({ architecture: 'arm64' }, options);
    scratch = await scratchOf(await openScratch({ name: 'arm', architecture: 'arm64' }));
  });
  afterAll(() => scratch?.target.dispose());

  const load = (file: string, parameters: readonly string[] = []) =>
    loadModule({ target: scratch.target, facts: scratch.facts, file, parameters }, never);

  it('does the main job: a module that was cross-built for it is loaded, listed, read and unloaded', async () => {
    expect(scratch.facts).toMatchObject({ machine: 'aarch64', release: kernel.release, tools: 'kmod' });
    const { hello = '' } = await buildSample('hello', directory, kernel);

    await mainJob(scratch.target, hello);
  });

  it('is the same kernel where its image is named, and no other’s', async () => {
    const options = { cacheDirectory: CACHE, step: () => undefined, signal: never };
    expect(await chooseKernel({ kernelImage: kernel.image }, options)).toEqual(kernel);
    const { modulesDirectory, image } = await findKernel();
    await expect(chooseKernel({ kernelImage: kernel.image, modulesDirectory }, options)).rejects.toThrow(
      `is the kernel ${kernel.release}, and the modules in ${modulesDirectory} are those of`,
    );
    await expect(chooseKernel({ architecture: 'arm64', kernelImage: image }, options)).rejects.toThrow(
      `${image} is a kernel for x86-64, and the target's architecture is arm64`,
    );
  });

  it('refuses a module that was built for this machine before a byte is sent', async () => {
    const own = join(directory, 'own');
    mkdirSync(own);
    const { hello = '' } = await buildSample('hello', own);

    await expect(load(hello)).rejects.toMatchObject({
      step: 'preflight',
      message: expect.stringContaining('aarch64'),
    });
  });

  it('has a neighbour: another kernel, out of a package that was unpacked, with two processors', async () => {
    const { root, kernel: own } = await unpackedKernel();
    const other = await scratchOf(
      await openScratch({
        name: 'unpacked',
        cacheDirectory: join(directory, 'cache'),
        kernelImage: join(root, 'boot', `vmlinuz-${own.release}`),
        cpus: 2,
        qemuArguments: ['-device', 'virtio-rng-pci'],
      }),
    );
    try {
      expect(other.facts).toMatchObject({ machine: 'x86_64', release: own.release });
      expect(
        (await other.shell('nproc; modprobe dummy && cat /sys/module/dummy/initstate')).split('\n'),
      ).toEqual(['2', 'live', '']);
      expect((await scratch.shell('uname -m')).trim()).toBe('aarch64');
    } finally {
      await other.target.dispose();
    }
  });
});
