import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { sourceOf, type ByteSource } from '../../kmod/bytes';
import { CompressedError, decompress, isCompressed } from '../../kmod/compressed';
import { Windows } from '../../kmod/windows';

/** Larger files are no modules; the largest of distributions are under 20 MiB. */
const MAX_COMPRESSED_BYTES = 256 << 20;

/**
 * Runs a reader over a module file, compressed or not, by its content. Of a file that is not compressed only what
 * the reader asks for is read.
 * @throws CompressedError, and the errors of the file system and of the reader
 */
export async function withModule<T>(path: string | Buffer, reader: (source: ByteSource) => T): Promise<T> {
  const result = readModuleNow(path, (source) => ({ value: reader(source) }));
  return result === undefined ? reader(sourceOf(await decompress(await readCompressed(path)))) : result.value;
}

/**
 * The same without waiting: nothing is as fast while the files are in the page cache. The bytes that the reader is
 * given are overwritten when the next file is read.
 * @returns undefined: it is compressed.
 * @throws the errors of the file system and of the reader
 */
export function readModuleNow<T>(path: string | Buffer, reader: (source: ByteSource) => T): T | undefined {
  // A pipe of that name, with nobody at its other end, would be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let used = 0;
  try {
    const source = new Windows(
      () => fstatSync(file).size,
      (offset, length) => {
        const fits = used + length <= scratch.length;
        const bytes = fits ? scratch.subarray(used, used + length) : Buffer.allocUnsafeSlow(length);
        if (fits) used += length;
        return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
      },
    );
    return isCompressed(source) ? undefined : reader(source);
  } finally {
    closeSync(file);
  }
}

async function readCompressed(path: string | Buffer): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > MAX_COMPRESSED_BYTES) throw new CompressedError(`the compressed file has ${size} bytes`);
  return readFile(path);
}

/** Where the pieces of one file at a time are read to: new memory for each would cost more than the reading. */
const scratch = Buffer.allocUnsafeSlow(256 << 10);
