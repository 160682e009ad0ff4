import { bufferOf, EndOfBytesError, FieldReader, readStart, type ByteSource } from './bytes';

/** The bytes are no kernel module in ELF format, or are damaged. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
}

/** Where the fields lie that are read here (elf.h): Elf32_Ehdr, Elf32_Shdr and their 64-bit forms. */
export const LAYOUTS = {
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
    alignment: 32,
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
    alignment: 48,
  },
} as const;

const FILE_TYPES = new Map([
  [0, 'an ELF file of no type'],
  [2, 'an executable'],
  [3, 'a shared library or a position-independent executable'],
  [4, 'a core dump'],
]);

export const ET_REL = 1;
const SHN_XINDEX = 0xffff;
export const SHT_NULL = 0;
export const SHT_STRTAB = 3;
export const SHT_NOBITS = 8;

/** A part of the file. */
interface Extent {
  readonly offset: number;
  readonly size: number;
}

/** The headers of a relocatable ELF file, read as bytes. */
export interface ElfHeaders {
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  /** e_machine */
  readonly machine: number;
  readonly header: Uint8Array;
  /** The section header table. */
  readonly table: Uint8Array;
  readonly count: number;
  /** The section that holds the names. */
  readonly namesIndex: number;
  /** Ends with a NUL. */
  readonly names: Buffer;
}

/** Reads the headers; what the section headers say is checked by checkSections, or where it is used. @throws ElfError */
export function readElfHeaders(source: ByteSource): ElfHeaders {
  const { header, bits, byteOrder } = readHeader(source);
  const layout = LAYOUTS[bits];
  const fields = new FieldReader(header, byteOrder, bits);
  const type = fields.half(16);
  if (type !== ET_REL) {
    throw new ElfError(`${FILE_TYPES.get(type) ?? `an ELF file of type ${type}`}, not a kernel module`);
  }
  const count = fields.half(layout.shnum);
  const namesIndex = fields.half(layout.shstrndx);
  const tableOffset = fields.address(layout.shoff);
  if (tableOffset === 0) {
    throw new ElfError('no section headers: not a kernel module');
  }
  if (count === 0 || namesIndex === SHN_XINDEX) {
    throw new ElfError('extended section numbering (65280 sections or more), which no kernel loads');
  }
  if (fields.half(layout.shentsize) !== layout.section) {
    throw new ElfError(
      `a damaged ELF header: section headers of ${fields.half(layout.shentsize)} bytes instead of ${layout.section}`,
    );
  }
  const tablePart = { offset: tableOffset, size: count * layout.section };
  const table = readPart(source, tablePart, 'the section header table');
  if (namesIndex === 0 || namesIndex >= count) {
    throw new ElfError(
      `a damaged ELF header: section ${namesIndex} of ${count} should hold the section names`,
    );
  }
  const sections = new FieldReader(table, byteOrder, bits);
  if (sections.word(namesIndex * layout.section + 4) !== SHT_STRTAB) {
    throw new ElfError('damaged: the section of the section names is no string table');
  }
  const namesPart = partOf(sections, bits, namesIndex);
  const names = bufferOf(readPart(source, namesPart, `section ${namesIndex} of ${count}`));
  if (names.at(-1) !== 0) {
    throw new ElfError('damaged: the table of section names does not end with a NUL');
  }
  return { bits, byteOrder, machine: fields.half(18), header, table, count, namesIndex, names };
}

function readHeader(source: ByteSource) {
  const header = readStart(source, LAYOUTS[64].header);
  if (header[0] !== 0x7f || header[1] !== 0x45 || header[2] !== 0x4c || header[3] !== 0x46) {
    throw new ElfError(`not an ELF file (${describeStart(header)})`);
  }
  const [, , , , elfClass, elfData] = header;
  if ((elfClass !== 1 && elfClass !== 2) || (elfData !== 1 && elfData !== 2)) {
    throw new ElfError('a damaged ELF header: neither 32 nor 64 bits, or no known byte order');
  }
  const bits: 32 | 64 = elfClass === 1 ? 32 : 64;
  const byteOrder: 'little' | 'big' = elfData === 1 ? 'little' : 'big';
  const length = LAYOUTS[bits].header;
  if (header.length < length) {
    throw new ElfError(`truncated: the ELF header takes ${length} bytes, the file has ${header.length}`);
  }
  return { header: header.subarray(0, length), bits, byteOrder };
}

/** @throws ElfError where the file does not hold that part. */
export function readPart(source: ByteSource, { offset, size }: Extent, what: string): Uint8Array {
  try {
    return source.read(offset, size);
  } catch (error) {
    throw error instanceof EndOfBytesError ? truncated(what, offset + size, error.size) : error;
  }
}

function truncated(what: string, end: number, size: number): ElfError {
  return new ElfError(`truncated: ${what} ends at byte ${end}, the file has ${size}`);
}

/**
 * Checks every section header by the rules of the kernel's elf_validity_check(): each section's name begins in
 * the table of names, each section lies in the file.
 * @throws ElfError
 */
export function checkSections({ bits, byteOrder, table, count, names }: ElfHeaders, size: number): void {
  const fields = new FieldReader(table, byteOrder, bits);
  for (let index = 0; index < count; index++) {
    const part = partOf(fields, bits, index);
    if (part.size > 0 && part.offset + part.size > size) {
      throw truncated(`section ${index} of ${count}`, part.offset + part.size, size);
    }
    if (fields.word(index * LAYOUTS[bits].section) >= names.length) {
      throw new ElfError('damaged: a section name lies outside the table of section names');
    }
  }
}

/** Where a section lies in the file; of size 0 where it takes no place in it. */
function partOf(fields: FieldReader, bits: 32 | 64, index: number): Extent {
  const layout = LAYOUTS[bits];
  const at = index * layout.section;
  const type = fields.word(at + 4);
  const offset = fields.address(at + layout.offset);
  const size = type === SHT_NULL || type === SHT_NOBITS ? 0 : fields.address(at + layout.size);
  return { offset, size };
}

/** A name as the file has it. */
export function sectionName(name: string): Buffer {
  return Buffer.from(`${name}\0`);
}

/** Where the first section of a name (by sectionName) lies in the file. */
export function findSection(headers: ElfHeaders, name: Buffer): Extent | undefined {
  const { bits, byteOrder, table, count, names } = headers;
  const start = names.indexOf(name);
  if (start < 0) return undefined;
  // A second place where the name stands is rare: linkers write a name once.
  const more = names.indexOf(name, start + 1);
  const entry = LAYOUTS[bits].section;
  const fields = new FieldReader(table, byteOrder, bits);
  for (let index = 1; index < count; index++) {
    const at = fields.word(index * entry);
    if (at === start || (more > 0 && name.equals(names.subarray(at, at + name.length)))) {
      return partOf(fields, bits, index);
    }
  }
  return undefined;
}

function describeStart(start: Uint8Array): string {
  if (start.length === 0) {
    return 'it is empty';
  }
  if (start.every((byte) => (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x09 && byte <= 0x0d))) {
    return 'it begins with text';
  }
  return `it begins with the bytes ${Buffer.from(start.subarray(0, 4))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`;
}
