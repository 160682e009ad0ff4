import type { ElfFile } from './elf';
import { ElfError } from './elfHeaders';
import { decodeText } from './text';

/** The CRC of a symbol as the module was built with it. */
export interface SymbolVersion {
  readonly name: string;
  readonly crc: number;
}

/** struct modversion_info (linux/module.h): an unsigned long and the name, 64 bytes in all. */
const ENTRY = 64;

/** As many as are read; the largest modules have some thousands. */
const MAX_VERSIONS = 1 << 16;

/**
 * What a module expects of the symbols that it takes, in file order: `__version_ext_crcs` and `__version_ext_names`
 * (Linux 6.14), which hold names of any length, or else `__versions`. `module_layout` stands there too, though no
 * module refers to it. Empty without CONFIG_MODVERSIONS.
 * @throws ElfError
 */
export function readVersions(elf: ElfFile): SymbolVersion[] {
  const [crcs, names] = [elf.find('__version_ext_crcs'), elf.find('__version_ext_names')];
  if (crcs !== undefined && names !== undefined) {
    return readExtendedVersions(elf, elf.read(crcs), elf.read(names));
  }
  const section = elf.find('__versions');
  return section === undefined ? [] : readBasicVersions(elf, elf.read(section));
}

function readBasicVersions(elf: ElfFile, bytes: Uint8Array): SymbolVersion[] {
  if (bytes.length % ENTRY !== 0) {
    throw new ElfError(`damaged: __versions is no table of ${ENTRY} bytes a symbol`);
  }
  checkCount(bytes.length / ENTRY);
  const crcLength = elf.bits / 8;
  const fields = elf.fields(bytes);
  return Array.from({ length: bytes.length / ENTRY }, (_, index) => {
    const start = index * ENTRY;
    const name = bytes.subarray(start + crcLength, start + ENTRY);
    const length = name.indexOf(0);
    if (length < 0) throw new ElfError('damaged: a name in __versions has no end');
    // The upper half of a 64-bit CRC is 0.
    return { name: withoutDot(decodeText(name.subarray(0, length))), crc: fields.address(start) };
  });
}

function readExtendedVersions(elf: ElfFile, crcs: Uint8Array, names: Uint8Array): SymbolVersion[] {
  const fields = elf.fields(crcs);
  const count = crcs.length / 4;
  checkCount(count);
  const texts = decodeText(names).split('\0', count + 2);
  if (texts.pop() !== '' || texts.length !== count) {
    throw new ElfError(
      `damaged: __version_ext_crcs has ${count} CRCs, __version_ext_names ${texts.length} names`,
    );
  }
  return texts.map((name, index) => ({ name: withoutDot(name), crc: fields.word(index * 4) }));
}

function checkCount(count: number): void {
  if (count > MAX_VERSIONS) {
    throw new ElfError(`${count} symbol versions, more than the ${MAX_VERSIONS} that are read`);
  }
}

/** On 64-bit PowerPC (ELF v1) a function's code has a dot before its name; its descriptor and kmod have not. */
function withoutDot(name: string): string {
  return name.startsWith('.') ? name.slice(1) : name;
}
