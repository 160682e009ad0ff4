import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { sourceOf, type ByteSource } from '../../kmod/bytes';
import { decompress, isCompressed } from '../../kmod/compressed';
import { readContents, type ModuleContents } from '../../kmod/contents';
import { ElfError } from '../../kmod/elfHeaders';
import { firstValue, scanModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
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
  return withModuleFile(file, (source, { size, compressed }) => {
    const contents = readContents(source, file);
    const vermagic = firstValue(contents.info, 'vermagic');
    const release = vermagic === undefined ? undefined : parseVermagic(vermagic).release;
    return { file, size, compressed, contents, release };
  });
}

/** What modinfo tells of a file, and no more of it is read. @throws as openModuleFile */
export function scanModuleFile(file: string): Promise<ModuleInfo> {
  return withModuleFile(file, (source) => scanModuleInfo(source, file));
}

async function withModuleFile<T>(
  file: string,
  read: (source: ByteSource, about: Pick<OpenedModule, 'size' | 'compressed'>) => T,
): Promise<T> {
  // A pipe of that name, with nobody at its other end, would be waited for.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) {
      throw new ElfError('not a file, but a directory, a pipe or a device');
    }
    const { size } = status;
    const source = new Windows(
      () => size,
      (offset, length) => {
        const bytes = Buffer.allocUnsafeSlow(length);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
      },
    );
    const compressed = isCompressed(source);
    const bytes = compressed ? sourceOf(await decompress(source.read(0, size))) : source;
    return read(bytes, { size, compressed });
  } finally {
    closeSync(descriptor);
  }
}
