import elfy from 'elfy';
import { architectureName } from './architecture';

/** The bytes are no kernel module in ELF format, or are damaged. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
}

export interface ElfSection {
  readonly name: string;
  /** A view of the file's bytes; empty for sections that take no place in the file. */
  readonly data: Uint8Array;
}

/** A relocatable ELF file: what a kernel module is. */
export interface ElfFile {
  readonly architecture: string;
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  readonly sections: readonly ElfSection[];
}

/** The first section of a name. */
export function findSection(elf: ElfFile, name: string): ElfSection | undefined {
  return elf.sections.find((section) => section.name === name);
}

/** Where the fields lie that are checked here (elf.h): Elf32_Ehdr, Elf32_Shdr and their 64-bit forms. */
const LAYOUTS = {
  32: {
    header: 52,
    shoff: 32,
    phoff: 28,
    phnum: 44,
    shentsize: 46,
    shnum: 48,
    shstrndx: 50,
    section: 40,
    offset: 16,
    size: 20,
  },
  64: {
    header: 64,
    shoff: 40,
    phoff: 32,
    phnum: 56,
    shentsize: 58,
    shnum: 60,
    shstrndx: 62,
    section: 64,
    offset: 24,
    size: 32,
  },
} as const;

const FILE_TYPES = new Map([
  [0, 'an ELF file of no type'],
  [2, 'an executable'],
  [3, 'a shared library or a position-independent executable'],
  [4, 'a core dump'],
]);

const ET_REL = 1;
const SHN_XINDEX = 0xffff;
const SHT_NULL = 0;
const SHT_STRTAB = 3;
const SHT_NOBITS = 8;

/** A module's section names take some kilobytes; elfy copies each name, so their sum is bounded. */
const MAX_NAMES_LENGTH = 4 << 20;

/**
 * Reads the headers of a kernel module. Every offset and length is checked here, by the rules of the kernel's
 * elf_validity_check(), before elfy sees a copy of the headers alone: elfy trusts all of them.
 * @throws ElfError
 */
export function readElf(bytes: Uint8Array): ElfFile {
  const checked = checkHeaders(bytes);
  const { sections } = elfy.parse(headersOnly(bytes, checked)).body;
  return {
    architecture: architectureName(checked.machine, checked.bits, checked.byteOrder),
    bits: checked.bits,
    byteOrder: checked.byteOrder,
    sections: sections.map(({ name, type, off, size }) => ({
      name,
      data: type === 'null' || type === 'nobits' ? new Uint8Array() : bytes.subarray(off, off + size),
    })),
  };
}

interface CheckedHeaders {
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  readonly machine: number;
  readonly table: { readonly start: number; readonly end: number };
  readonly strings: { readonly index: number; readonly start: number; readonly end: number };
}

function checkHeaders(bytes: Uint8Array): CheckedHeaders {
  if (bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    throw new ElfError(`not an ELF file (${describeStart(bytes)})`);
  }
  const [, , , , elfClass, elfData] = bytes;
  if ((elfClass !== 1 && elfClass !== 2) || (elfData !== 1 && elfData !== 2)) {
    throw new ElfError('a damaged ELF header: neither 32 nor 64 bits, or no known byte order');
  }
  const bits = elfClass === 1 ? 32 : 64;
  const byteOrder = elfData === 1 ? 'little' : 'big';
  const layout = LAYOUTS[bits];
  if (bytes.length < layout.header) {
    throw new ElfError(
      `truncated: the ELF header takes ${layout.header} bytes, the file has ${bytes.length}`,
    );
  }
  const view = new FieldReader(bytes, byteOrder, bits);
  const type = view.half(16);
  if (type !== ET_REL) {
    throw new ElfError(`${FILE_TYPES.get(type) ?? `an ELF file of type ${type}`}, not a kernel module`);
  }
  const count = view.half(layout.shnum);
  const stringsIndex = view.half(layout.shstrndx);
  if (view.address(layout.shoff) === 0) {
    throw new ElfError('no section headers: not a kernel module');
  }
  if (count === 0 || stringsIndex === SHN_XINDEX) {
    throw new ElfError('extended section numbering (65280 sections or more), which no kernel loads');
  }
  if (view.half(layout.shentsize) !== layout.section) {
    throw new ElfError(
      `a damaged ELF header: section headers of ${view.half(layout.shentsize)} bytes instead of ${layout.section}`,
    );
  }
  const start = view.address(layout.shoff);
  const end = start + count * layout.section;
  checkEnd('the section header table', end, bytes);
  if (stringsIndex === 0 || stringsIndex >= count) {
    throw new ElfError(
      `a damaged ELF header: section ${stringsIndex} of ${count} should hold the section names`,
    );
  }

  const nameOffsets: number[] = [];
  for (let header = start; header < end; header += layout.section) {
    nameOffsets.push(view.word(header));
    const sectionType = view.word(header + 4);
    if (sectionType !== SHT_NULL && sectionType !== SHT_NOBITS) {
      const sectionEnd = view.address(header + layout.offset) + view.address(header + layout.size);
      checkEnd(`section ${(header - start) / layout.section} of ${count}`, sectionEnd, bytes);
    }
  }
  const stringsHeader = start + stringsIndex * layout.section;
  if (view.word(stringsHeader + 4) !== SHT_STRTAB) {
    throw new ElfError('damaged: the section of the section names is no string table');
  }
  const stringsStart = view.address(stringsHeader + layout.offset);
  const strings = {
    index: stringsIndex,
    start: stringsStart,
    end: stringsStart + view.address(stringsHeader + layout.size),
  };
  checkNames(bytes.subarray(strings.start, strings.end), nameOffsets);
  return { bits, byteOrder, machine: view.half(18), table: { start, end }, strings };
}

function checkEnd(what: string, end: number, bytes: Uint8Array): void {
  if (end > bytes.length) {
    throw new ElfError(`truncated: ${what} ends at byte ${end}, the file has ${bytes.length}`);
  }
}

function checkNames(strings: Uint8Array, offsets: readonly number[]): void {
  if (strings.at(-1) !== 0) {
    throw new ElfError('damaged: the table of section names does not end with a NUL');
  }
  let total = 0;
  for (const offset of offsets) {
    if (offset >= strings.length) {
      throw new ElfError('damaged: a section name lies outside the table of section names');
    }
    total += strings.indexOf(0, offset) - offset;
    if (total > MAX_NAMES_LENGTH) {
      throw new ElfError(`damaged: the section names take more than ${MAX_NAMES_LENGTH} bytes`);
    }
  }
}

/** A small ELF file with the same section headers and names, and nothing else: all that elfy gets to see. */
function headersOnly(bytes: Uint8Array, { bits, byteOrder, table, strings }: CheckedHeaders): Buffer {
  const layout = LAYOUTS[bits];
  const parts = [bytes.subarray(0, layout.header), bytes.subarray(table.start, table.end)];
  const file = Buffer.concat([...parts, bytes.subarray(strings.start, strings.end)]);
  const view = new FieldReader(file, byteOrder, bits);
  view.setAddress(layout.shoff, layout.header);
  view.setAddress(layout.phoff, 0);
  const stringsOffset = layout.header + table.end - table.start;
  view.setAddress(layout.header + strings.index * layout.section + layout.offset, stringsOffset);
  return file;
}

class FieldReader {
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #wide: boolean;

  constructor(bytes: Uint8Array, byteOrder: 'little' | 'big', bits: 32 | 64) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = byteOrder === 'little';
    this.#wide = bits === 64;
  }

  half(offset: number): number {
    return this.#view.getUint16(offset, this.#little);
  }

  word(offset: number): number {
    return this.#view.getUint32(offset, this.#little);
  }

  /** 4 or 8 bytes. Past 2^53 it is not exact, which no check minds: no file is that long. */
  address(offset: number): number {
    return this.#wide ? Number(this.#view.getBigUint64(offset, this.#little)) : this.word(offset);
  }

  setAddress(offset: number, value: number): void {
    if (this.#wide) {
      this.#view.setBigUint64(offset, BigInt(value), this.#little);
    } else {
      this.#view.setUint32(offset, value, this.#little);
    }
  }
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) {
    return 'it is empty';
  }
  const start = bytes.subarray(0, 64);
  if (start.every((byte) => (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x09 && byte <= 0x0d))) {
    return 'it begins with text';
  }
  return `it begins with the bytes ${Buffer.from(start.subarray(0, 4))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`;
}
