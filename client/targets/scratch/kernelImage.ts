import { constants, gunzipSync } from 'node:zlib';
import { KERNEL_IMAGE } from '../../../engine/files/limits';
import { readRegularFile, readStart } from '../../../engine/files/regularFile';
import { ConnectError } from '../errors';
import type { Architecture } from './architecture';

/** What a kernel image says of itself. */
export interface ImageFacts {
  readonly architecture: Architecture;
  /** Its `uname -r`, where that can be read. */
  readonly release: string | undefined;
}

const HEAD = 64 * 1024;

/**
 * Reads a bzImage (Linux: Documentation/x86/boot.rst) or an Image, which may be packed by gzip
 * (Documentation/arm64/booting.rst).
 * @throws ConnectError of kind "start" for what is none of them
 */
export async function readKernelImage(path: string): Promise<ImageFacts> {
  const head = readHead(path);
  if (head.toString('latin1', 0x202, 0x206) === 'HdrS') {
    return { architecture: 'x86-64', release: releaseOfBzImage(head) };
  }
  if (isZboot(head)) {
    return readZboot(path, head);
  }
  if (isGzip(head)) {
    if (isArm64(unpackStart(head))) {
      return {
        architecture: 'arm64',
        release: releaseInside(unpack(path, await readWhole(path))),
      };
    }
  } else if (isArm64(head)) {
    return { architecture: 'arm64', release: releaseInside(await readWhole(path)) };
  }
  const what =
    head.readUInt32BE(0) === 0x7f454c46
      ? 'It is an ELF file, as the vmlinux of a kernel tree is'
      : 'Neither header is there';
  throw new ConnectError(
    `${path} is no kernel image that QEMU starts for x86-64 or arm64. ${what}. ` +
      'In a kernel tree the images are arch/x86/boot/bzImage and arch/arm64/boot/Image.',
    'start',
  );
}

/** Linux: drivers/firmware/efi/libstub/zboot-header.S */
const isZboot = (head: Buffer): boolean =>
  head.toString('latin1', 0, 2) === 'MZ' && head.toString('latin1', 4, 8) === 'zimg';

/** A vmlinuz.efi, which unpacks itself with the help of a firmware; QEMU 8 and newer does it in its place. */
async function readZboot(path: string, head: Buffer): Promise<ImageFacts> {
  const packed = head.toString('latin1', 0x18, 0x38).replace(/\0[^]*/, '');
  const [start, length] = [head.readUInt32LE(8), head.readUInt32LE(12)];
  const inside =
    packed === 'gzip' ? unpack(path, (await readWhole(path)).subarray(start, start + length)) : undefined;
  if (inside === undefined || !isArm64(inside)) {
    throw new ConnectError(
      `${path} is packed by ${packed}, and QEMU unpacks an arm64 kernel that is packed by gzip alone. ` +
        'Name arch/arm64/boot/Image of its tree.',
      'start',
    );
  }
  return { architecture: 'arm64', release: releaseInside(inside) };
}

/** A short file has zeros behind its end. @throws ConnectError */
function readHead(path: string): Buffer {
  try {
    return Buffer.concat([readStart(path, HEAD)], HEAD);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @throws ConnectError */
async function readWhole(path: string): Promise<Buffer> {
  return readRegularFile(path, KERNEL_IMAGE).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** @throws ConnectError for what is cut off, damaged, or larger than any kernel */
function unpack(path: string, packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: KERNEL_IMAGE });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): ConnectError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ConnectError(
    code === 'ENOENT'
      ? `there is no kernel image ${path}. Correct kernelImage of the target in kmod.targets.`
      : code === 'EACCES'
        ? `the kernel image ${path} can not be read. Make it readable: sudo chmod a+r ${path}`
        : `the kernel image ${path} can not be read: ${message}`,
    'start',
    { cause: error },
  );
}

const isGzip = (head: Buffer): boolean => head.readUInt16BE(0) === 0x1f8b;

const isArm64 = (head: Buffer): boolean => head.toString('latin1', 56, 60) === 'ARM\x64';

function unpackStart(head: Buffer): Buffer {
  const some = { finishFlush: constants.Z_SYNC_FLUSH };
  try {
    const start = gunzipSync(head, some);
    return start.length < 60 ? Buffer.alloc(60) : start;
  } catch {
    return Buffer.alloc(60);
  }
}

/** kernel_version of its header: where "6.1.0 (builder) #1 …" begins, less 0x200. */
function releaseOfBzImage(head: Buffer): string | undefined {
  const pointer = head.readUInt16LE(0x20e);
  const text = pointer === 0 ? '' : head.toString('latin1', pointer + 0x200, pointer + 0x200 + 256);
  return /^(\S+) \(/.exec(text)?.[1];
}

const BANNER = 'Linux version ';

/** linux_banner, whose first letters are in a format as well. */
function releaseInside(image: Buffer): string | undefined {
  for (let at = image.indexOf(BANNER); at >= 0; at = image.indexOf(BANNER, at + 1)) {
    const release = /^\d\S*(?= \()/.exec(image.toString('latin1', at + BANNER.length, at + 256))?.[0];
    if (release !== undefined) {
      return release;
    }
  }
  return undefined;
}
