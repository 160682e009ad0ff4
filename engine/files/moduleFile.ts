import { readSync, type PathLike } from 'node:fs';
import { EndOfBytesError, sourceOf, type ByteSource } from '../../kmod/bytes';
import { decompress, isCompressed } from '../../kmod/compressed';
import { Windows } from '../../kmod/windows';
import { FileTooLargeError } from './fileErrors';
import { COMPRESSED_MODULE, MODULE } from './limits';
import { readRegularFile, withRegularFile } from './regularFile';

/** A module file that is open. */
export interface OpenModule {
  /** Bytes, as the file lies there: compressed or not. */
  readonly size: number;
  readonly compressed: boolean;
  /** The module's own bytes that hold nothing of what was read: for who reads all of them. */
  readonly pieces: ByteSource;
}

/**
 * Runs a reader over a module file, compressed or not, by its content. Of a file that is not compressed only what
 * the reader asks for is read.
 * @throws NotARegularFileError, FileTooLargeError, CompressedError, and the errors of the file system and of the reader
 */
export async function withModule<T>(
  path: PathLike,
  read: (source: ByteSource, module: OpenModule) => T,
): Promise<T> {
  const now = readModuleNow(path, (source, module) => ({ value: read(source, module) }));
  if (now !== undefined) return now.value;
  const packed = await readRegularFile(path, COMPRESSED_MODULE);
  const source = sourceOf(await decompress(packed));
  return read(source, { size: packed.length, compressed: true, pieces: source });
}

/**
 * The same without waiting: nothing is as fast while the file is in the page cache.
 * @returns undefined: it is compressed.
 * @throws NotARegularFileError, FileTooLargeError, and the errors of the file system and of the reader
 */
export function readModuleNow<T>(
  path: PathLike,
  read: (source: ByteSource, module: OpenModule) => T,
): T | undefined {
  return withRegularFile(path, (descriptor, { size }) => {
    if (size > MODULE) throw new FileTooLargeError(String(path), MODULE);
    const readPiece = (offset: number, length: number): Buffer => {
      const bytes = Buffer.allocUnsafeSlow(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    const source = new Windows(() => size, readPiece);
    const pieces = { size, read: exactly(readPiece) };
    return isCompressed(source) ? undefined : read(source, { size, compressed: false, pieces });
  });
}

const exactly =
  (readPiece: (offset: number, length: number) => Buffer): ByteSource['read'] =>
  (offset, length) => {
    const bytes = readPiece(offset, length);
    if (bytes.length < length) throw new EndOfBytesError(offset, length, offset + bytes.length);
    return bytes;
  };
