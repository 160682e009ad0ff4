import { withModule } from '../../engine/files/moduleFile';
import { sourceOf, type ByteSource } from '../../kmod/bytes';
import { decompress, isCompressed } from '../../kmod/compressed';
import { readContents, type ModuleContents } from '../../kmod/contents';
import { readDigests } from '../../kmod/digests';
import { findModinfo, firstValue } from '../../kmod/modinfo';
import { parseVermagic } from '../../kmod/vermagic';

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
 * @throws ElfError, EndOfBytesError, and as withModule
 */
export function openModuleFile(file: string): Promise<OpenedModule> {
  return withModule(file, (source, about) => opened(source, file, about));
}

/** A module file that was read from end to end. */
export interface HashedModule extends OpenedModule {
  /** As readDigests tells them. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Reads all of a file, piece by piece, for a comparison. @throws as openModuleFile */
export function hashModuleFile(file: string): Promise<HashedModule> {
  return withModule(file, (source, about) => ({
    ...opened(source, file, about),
    digests: readDigests(about.pieces),
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
  return { file, size: about.size, compressed: about.compressed, contents, release };
}

/** The .modinfo section of a file, and no more of it is read. @throws as openModuleFile */
export function readModinfo(file: string): Promise<Uint8Array> {
  return withModule(file, findModinfo);
}
