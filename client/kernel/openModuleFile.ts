import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { EndOfBytesError, sourceOf, type ByteSource } from '../../kmod/bytes';
import { decompress, isCompressed } from '../../kmod/compressed';
import { readContents, type ModuleContents } from '../../kmod/contents';
import { readDigests } from '../../kmod/digests';
import { ElfError } from '../../kmod/elfHeaders';
import { findModinfo, firstValue } from '../../kmod/modinfo';
import { parseVermagic } from '../../kmod/vermagic';
import { Windows } from '../../kmod/windows';

/** A module file that was read. */
export interface OpenedModule {
  /** Absolute. */
  readonly file: string;
  /** Bytes, as the file lies there: compressed or not. */
  readonly size: number;
  readonly compressed: boolean;
  readonly contents: ModuleContents;
  /** Of its vermagic. */
  readonly release: string | undefined;
}

/**
 * Reads what the page of a module shows. Of a file that is not compressed only the parts that tell it are read:
 * debugging information makes files of tens of megabytes.
 * @throws ElfError, EndOfBytesError, CompressedError, and the file system's errors
 */
export function openModuleFile(file: string): Promise<OpenedModule> {
  return withModuleFile(file, (source, about) => opened(source, file, about));
}

/** A module file that was read from end to end. */
export interface HashedModule extends OpenedModule {
  /** As readDigests tells them. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Reads all of a file, piece by piece, for a comparison. @throws as openModuleFile */
export function hashModuleFile(file: string): Promise<HashedModule> {
  return withModuleFile(file, (source, about, pieces) => ({
    ...opened(source, file, about),
    digests: readDigests(pieces),
  }));
}

/** A module file whose bytes came from elsewhere. @throws ElfError, EndOfBytesError, CompressedError */
export async function hashModuleBytes(bytes: Buffer, file: string): Promise<HashedModule> {
  const compressed = isCompressed(sourceOf(bytes));
  const source = sourceOf(compressed ? await decompress(bytes) : bytes);
  return {
    ...opened(source, file, { size: bytes.length, compressed }),
    digests: readDigests(source),
  };
}

type About = Pick<OpenedModule, 'size' | 'compressed'>;

function opened(source: ByteSource, file: string, about: About): OpenedModule {
  const contents = readContents(source, file);
  const vermagic = firstValue(contents.info, 'vermagic');
  const release = vermagic === undefined ? undefined : parseVermagic(vermagic).release;
  return { file, ...about, contents, release };
}

/** The .modinfo section of a file, and no more of it is read. @throws as openModuleFile */
export function readModinfo(file: string): Promise<Uint8Array> {
  return withModuleFile(file, findModinfo);
}

async function withModuleFile<T>(
  file: string,
  /** `pieces` holds nothing of what was read. */
  read: (source: ByteSource, about: About, pieces: ByteSource) => T,
): Promise<T> {
  // A pipe of that name, with nobody at its other end, would be waited for.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) {
      throw new ElfError('not a file, but a directory, a pipe or a device');
    }
    const { size } = status;
    const readPiece = (offset: number, length: number): Buffer => {
      const bytes = Buffer.allocUnsafeSlow(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    const windows = new Windows(() => size, readPiece);
    if (isCompressed(windows)) {
      const bytes = sourceOf(await decompress(windows.read(0, size)));
      return read(bytes, { size, compressed: true }, bytes);
    }
    return read(windows, { size, compressed: false }, { size, read: exactly(readPiece) });
  } finally {
    closeSync(descriptor);
  }
}

const exactly =
  (readPiece: (offset: number, length: number) => Buffer): ByteSource['read'] =>
  (offset, length) => {
    const bytes = readPiece(offset, length);
    if (bytes.length < length) {
      throw new EndOfBytesError(offset, length, offset + bytes.length);
    }
    return bytes;
  };
