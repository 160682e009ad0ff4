import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseKernel, type KernelChoice } from '../../../../../client/targets/scratch/chooseKernel';
import type { Kernel } from '../../../../../client/targets/scratch/findKernel';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kmod-kernel-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (path: string): string => join(root, path);
function write(path: string, content: string | Buffer = ''): string {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
  return at(path);
}

function bzImage(release: string): Buffer {
  const image = Buffer.alloc(0x1000);
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x800, 0x20e);
  image.write(`${release} (builder@host) #1 SMP\0`, 0xa00);
  return image;
}

function armImage(release: string): Buffer {
  const image = Buffer.alloc(0x1000);
  image.write('ARM\x64', 56);
  image.write('Linux version %s (%s)\n\0', 0x400);
  image.write(`Linux version ${release} (builder@host) #1 SMP\n\0`, 0x600);
  return image;
}

function zboot(compression: string, image: Buffer): Buffer {
  const packed = gzipSync(image);
  const header = Buffer.alloc(0x40);
  header.write('MZ\0\0zimg');
  header.writeUInt32LE(header.length, 8);
  header.writeUInt32LE(packed.length, 12);
  header.write(compression, 0x18);
  return Buffer.concat([header, packed]);
}

/** A kernel tree after make; its one "module" is packed, as debug information would be looked for in it. */
function tree(release: string, image: Buffer, path = 'linux/arch/x86/boot/bzImage'): string {
  write('linux/include/config/kernel.release', `${release}\n`);
  write('linux/Makefile');
  write('linux/modules.order', 'drivers/net/dummy.ko.xz\n');
  write('linux/drivers/net/dummy.ko.xz', 'no matter');
  return write(path, image);
}

const choose = (choice: KernelChoice): Promise<Kernel> =>
  chooseKernel(choice, {
    cacheDirectory: at('cache'),
    step: () => undefined,
    signal: new AbortController().signal,
  });

describe('the kernel that is named', () => {
  it('is that of a kernel tree, with the modules that were built there', async () => {
    const kernelImage = tree('6.9.0-rc1+', bzImage('6.9.0-rc1+'));

    const kernel = await choose({ kernelImage });

    expect(kernel).toMatchObject({
      architecture: 'x86-64',
      release: '6.9.0-rc1+',
      image: kernelImage,
      buildDirectory: at('linux'),
    });
    expect(readFileSync(join(kernel.modulesDirectory, 'kernel/drivers/net/dummy.ko.xz'), 'utf8')).toBe(
      'no matter',
    );
    expect(readFileSync(join(kernel.modulesDirectory, 'modules.dep'), 'utf8')).toContain('dummy.ko.xz');
  });

  it('has the modules of the last build of its tree', async () => {
    const kernelImage = tree('6.9.0', armImage('6.9.0'), 'linux/arch/arm64/boot/Image');
    await choose({ kernelImage });
    write('linux/modules.order', 'fs/new.o\n');
    write('linux/fs/new.ko.gz');
    rmSync(at('linux/fs/new.ko.gz'));

    await expect(choose({ kernelImage })).rejects.toThrow(
      `${at('linux/fs/new.ko')} is missing: build the modules of this kernel once more`,
    );
    write('linux/modules.order', 'drivers/net/dummy.ko.xz\nfs/new.ko.xz\n');
    write('linux/fs/new.ko.xz', 'old');
    await choose({ kernelImage });
    write('linux/modules.order', 'fs/new.ko.xz\n');
    utimesSync(write('linux/fs/new.ko.xz', 'new'), 1, 1);
    const { modulesDirectory, architecture } = await choose({ kernelImage });

    expect(architecture).toBe('arm64');
    expect(readFileSync(join(modulesDirectory, 'kernel/fs/new.ko.xz'), 'utf8')).toBe('new');
    expect(readFileSync(join(modulesDirectory, 'modules.dep'), 'utf8')).not.toContain('dummy');
  });

  it('is found beside the modules of a package, and the other way round', async () => {
    const image = write('boot/vmlinuz-6.8', gzipSync(armImage('6.8')));
    write('usr/lib/modules/6.8/modules.dep');
    const expected = {
      architecture: 'arm64',
      release: '6.8',
      image,
      modulesDirectory: at('usr/lib/modules/6.8'),
    };

    expect(await choose({ kernelImage: image })).toMatchObject(expected);
    expect(await choose({ modulesDirectory: at('usr/lib/modules/6.8') })).toMatchObject(expected);
    expect(await choose({ modulesDirectory: root })).toMatchObject(expected);
  });

  it('gets an index where depmod has not been, and its own directory stays as it is', async () => {
    write('installed/lib/modules/6.8/kernel/net/x.ko.xz');
    const kernelImage = write('bzImage', bzImage('6.8'));

    const { modulesDirectory } = await choose({ kernelImage, modulesDirectory: at('installed') });

    expect(readFileSync(join(modulesDirectory, 'modules.dep'), 'utf8')).toContain('kernel/net/x.ko.xz');
    expect(() => readFileSync(at('installed/lib/modules/6.8/modules.dep'))).toThrow('ENOENT');
  });

  it('may be one that unpacks itself with EFI, as far as QEMU can do it too', async () => {
    write('lib/modules/6.8/modules.dep');

    expect(
      await choose({ kernelImage: write('boot/vmlinuz-6.8', zboot('gzip', armImage('6.8'))) }),
    ).toMatchObject({
      architecture: 'arm64',
      release: '6.8',
    });
    await expect(
      choose({ kernelImage: write('boot/vmlinuz-6.8', zboot('zstd22', armImage('6.8'))) }),
    ).rejects.toThrow('is packed by zstd22');
  });

  it.each<[string, () => KernelChoice, string]>([
    ['an image that is not there', () => ({ kernelImage: at('none') }), 'there is no kernel image'],
    ['a vmlinux', () => ({ kernelImage: write('vmlinux', '\x7fELF') }), 'It is an ELF file'],
    ['anything else', () => ({ kernelImage: write('text', 'text') }), 'Neither header is there'],
    [
      'an image that stands alone',
      () => ({ kernelImage: write('bzImage', bzImage('6.8')) }),
      'Set modulesDirectory of the target',
    ],
    [
      'modules without an image',
      () => ({ modulesDirectory: dirname(write('mods/6.8/modules.dep')) }),
      'Set kernelImage of the target',
    ],
    [
      'a directory without modules',
      () => ({ kernelImage: write('bzImage', bzImage('6.8')), modulesDirectory: dirname(write('a/b')) }),
      'has no kernel modules',
    ],
    [
      'the modules of several kernels',
      () => {
        write('lib/modules/6.7/modules.dep');
        write('lib/modules/6.8/modules.dep');
        return { kernelImage: write('bzImage', bzImage('6.8')), modulesDirectory: root };
      },
      'has the modules of several kernels: 6.7, 6.8',
    ],
    [
      'the modules of another kernel',
      () => ({
        kernelImage: write('bzImage', bzImage('6.8')),
        modulesDirectory: dirname(write('lib/modules/6.7/modules.dep')),
      }),
      'is the kernel 6.8, and the modules in',
    ],
    [
      'a tree whose modules are not built',
      () => {
        const kernelImage = tree('6.8', bzImage('6.8'));
        rmSync(at('linux/modules.order'));
        return { kernelImage };
      },
      'Run make modules there',
    ],
    [
      'a file that is called a module and is none',
      () => {
        const kernelImage = tree('6.8', bzImage('6.8'));
        write('linux/modules.order', 'x.ko\n');
        write('linux/x.ko', 'text');
        return { kernelImage };
      },
      'x.ko is no kernel module',
    ],
    [
      'another architecture than its own',
      () => ({
        kernelImage: write('boot/vmlinuz-6.8', bzImage('6.8')),
        modulesDirectory: dirname(write('lib/modules/6.8/modules.dep')),
        architecture: 'arm64',
      }),
      "is a kernel for x86-64, and the target's architecture is arm64",
    ],
  ])('is not %s', async (_, choice, message) => {
    await expect(choose(choice())).rejects.toThrow(message);
  });
});
