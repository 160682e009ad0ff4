import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sourceOf, type ByteSource } from '../../kmod/bytes';
import { decompress, isCompressed } from '../../kmod/compressed';
import { Windows } from '../../kmod/windows';

/**
 * Runs a reader over a module file, compressed or not, by its content. Of a file that is not compressed only what
 * the reader asks for is read.
 * @throws CompressedError, and the errors of the file system and of the reader
 */
export async function withModule<T>(path: string | Buffer, reader: (source: ByteSource) => T): Promise<T> {
  const result = withFile(path, (source) => (isCompressed(source) ? undefined : { value: reader(source) }));
  return result === undefined ? reader(sourceOf(await decompress(await readFile(path)))) : result.value;
}

/** Runs a reader over a file. Nothing is as fast while the files are in the page cache. */
function withFile<T>(path: string | Buffer, reader: (source: ByteSource) => T): T {
  const file = openSync(path, 'r');
  try {
    const source = new Windows(fstatSync(file).size, (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    });
    return reader(source);
  } finally {
    closeSync(file);
  }
}
