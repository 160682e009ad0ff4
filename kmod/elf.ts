import elfy from 'elfy';
import { architectureName } from './architecture';
import { FieldReader, type ByteSource } from './bytes';
import { checkSections, ElfError, LAYOUTS, readElfHeaders, readPart, type ElfHeaders } from './elfHeaders';
import { decodeText } from './text';

export interface ElfSection {
  readonly name: string;
  /** "progbits", "symtab", …; a number where it has no name. */
  readonly type: string;
  /** "alloc", "write", "execinstr", …; numbers where they have no names. */
  readonly flags: readonly string[];
  readonly address: number;
  readonly offset: number;
  /** As loaded; a section of type "nobits" takes no place in the file. */
  readonly size: number;
}

/** elfy takes more than a microsecond a section. */
const MAX_SECTIONS = 1 << 14;

/** A module's section names take some kilobytes; elfy copies each name, so their sum is bounded. */
const MAX_NAMES_LENGTH = 1 << 20;

/** The longest name of a symbol or a namespace. The kernel's KSYM_NAME_LEN is 512. */
export const MAX_NAME = 1024;

/**
 * A relocatable ELF file: what a kernel module is. What is read of it and decoded is counted: a file's parts do not
 * overlap, unless somebody made them so to keep the reader busy, so that no file costs more than twice its size.
 */
export class ElfFile {
  readonly architecture: string;
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  readonly sections: readonly ElfSection[];
  readonly headers: ElfHeaders;
  #work: number;

  /** @throws ElfError */
  constructor(readonly source: ByteSource) {
    const headers = readElfHeaders(source);
    checkSections(headers, source.size);
    checkNames(headers);
    this.headers = headers;
    this.bits = headers.bits;
    this.byteOrder = headers.byteOrder;
    this.architecture = architectureName(headers.machine, headers.bits, headers.byteOrder);
    this.sections = elfy
      .parse(headersOnly(headers))
      .body.sections.map(({ name, type, flags, addr, off, size }, index) => ({
        name,
        type: String(type),
        flags: Object.keys(flags),
        address: addr,
        // elfy saw the names elsewhere.
        offset: index === headers.namesIndex ? namesOffset(headers) : off,
        size,
      }));
    this.#work = 2 * source.size;
  }

  /** The first section of a name. */
  find(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /** What the file has of a section. @throws ElfError */
  read({ name, type, offset, size }: ElfSection): Uint8Array {
    if (type === 'null' || type === 'nobits' || size === 0) return new Uint8Array();
    this.spend(size);
    return readPart(this.source, { offset, size }, `section ${name}`);
  }

  /**
   * The name that begins in a section's bytes and ends with a NUL; undefined: it has no end, or more than MAX_NAME
   * bytes. @throws ElfError
   */
  name(bytes: Uint8Array, offset: number): string | undefined {
    const part = bytes.subarray(offset, offset + MAX_NAME + 1);
    const length = part.indexOf(0);
    // Looking for the end is work, too.
    this.spend(length < 0 ? part.length : length);
    return length < 0 ? undefined : decodeText(part.subarray(0, length));
  }

  /** The numbers in a section's bytes. */
  fields(bytes: Uint8Array): FieldReader {
    return new FieldReader(bytes, this.byteOrder, this.bits);
  }

  /** Counts bytes that are about to be read or decoded. @throws ElfError */
  spend(bytes: number): void {
    this.#work -= bytes;
    if (this.#work < 0) {
      throw new ElfError('damaged: its sections or its names overlap');
    }
  }
}

/** Names may be parts of others, as .text is of .rela.text; elfy copies each. */
function checkNames({ bits, byteOrder, table, count, names }: ElfHeaders): void {
  if (count > MAX_SECTIONS) {
    throw new ElfError(`${count} sections, more than the ${MAX_SECTIONS} that are read`);
  }
  const fields = new FieldReader(table, byteOrder, bits);
  let total = 0;
  for (let index = 0; index < count; index++) {
    const offset = fields.word(index * LAYOUTS[bits].section);
    total += names.indexOf(0, offset) - offset;
    if (total > MAX_NAMES_LENGTH) {
      throw new ElfError(`damaged: the section names take more than ${MAX_NAMES_LENGTH} bytes`);
    }
  }
}

function namesOffset({ bits, byteOrder, table, namesIndex }: ElfHeaders): number {
  const { section, offset } = LAYOUTS[bits];
  return new FieldReader(table, byteOrder, bits).address(namesIndex * section + offset);
}

/** A small ELF file with the same section headers and names, and nothing else: all that elfy gets to see. */
function headersOnly(headers: ElfHeaders): Buffer {
  const { bits, byteOrder, header, table, names, namesIndex } = headers;
  const layout = LAYOUTS[bits];
  const file = Buffer.concat([header, table, names]);
  const fields = new FieldReader(file, byteOrder, bits);
  fields.setAddress(layout.shoff, layout.header);
  fields.setAddress(layout.phoff, 0);
  fields.setAddress(
    layout.header + namesIndex * layout.section + layout.offset,
    header.length + table.length,
  );
  return file;
}
