import { EndOfBytesError, type ByteSource } from './bytes';
import { ET_REL, LAYOUTS, SHT_NOBITS, SHT_NULL, SHT_STRTAB } from './elfHeaders';

/** What of node:fs is called. */
interface Files {
  /** Waits for nobody, as at the other end of a pipe. */
  readonly openSync: (path: string | Buffer) => number;
  readonly readSync: (file: number, memory: Buffer, at: number, length: number, position: number) => number;
  readonly closeSync: (file: number) => void;
}

/** Finds .modinfo in thousands of files, one after the other. */
export interface ModinfoScanner {
  /**
   * False: the file is not for this, whatever is the matter with it.
   * @throws the errors of the file system
   */
  scan(path: string | Buffer): boolean;
  /** Memory that is used again for the next file. */
  readonly memory: Buffer;
  /** Where .modinfo is in it. */
  readonly found: { readonly start: number; readonly end: number };
  /** The end of the file, where its signature is. */
  readonly tail: ByteSource;
}

/** The ELF header, and in half of the modules .modinfo. */
const HEAD = 4 << 10;
/** Linkers write the names of the sections right before the section headers. */
const BEFORE = 1 << 10;
/** A signature comes after the section headers. */
const AFTER = 4 << 10;
/** 700 section headers: modules have 40, and rarely 100. */
const MAX_TAIL = 48 << 10;
/** Where a section is put that is neither in the head nor in the tail. */
const OTHER = HEAD + MAX_TAIL;
const MAX_OTHER = 192 << 10;

const ELF_MAGIC = 0x464c457f;
const WIDE_AND_LITTLE = 0x0102;
const LAYOUT = LAYOUTS[64];
const NAME = Buffer.from('.modinfo\0');
const LETTER_M = 0x6d;

/**
 * Reads the start and the end of a file, and makes no object of what is there. A process that does this once spends
 * more time on compiling than on computing, so there is little to compile: it knows 64-bit little-endian files as
 * linkers leave them. All others are for the readers of a ByteSource, which take their time and tell what is wrong.
 * One function with constants in it, as these cost V8 less than the fields of a class.
 */
export function createModinfoScanner({ openSync, readSync, closeSync }: Files): ModinfoScanner {
  const memory = Buffer.allocUnsafeSlow(OTHER + MAX_OTHER);
  const view = new DataView(memory.buffer);
  const found = { start: 0, end: 0 };
  /** Of the file, and of its tail; that stands in the memory after the head. */
  const extent = { size: 0, tail: 0 };

  function scan(path: string | Buffer): boolean {
    const file = openSync(path);
    try {
      return scanFile(file);
    } finally {
      closeSync(file);
    }
  }

  function scanFile(file: number): boolean {
    load(file, 0, HEAD, 0);
    const table = word(LAYOUT.shoff);
    const count = half(LAYOUT.shnum);
    const namesIndex = half(LAYOUT.shstrndx);
    if (!isModule() || namesIndex === 0 || namesIndex >= count || !readTail(file, table, count)) return false;
    const first = table - extent.tail + HEAD;
    const namesHeader = first + namesIndex * LAYOUT.section;
    if (word(namesHeader + 4) !== SHT_STRTAB) return false;
    const names = placeSection(file, namesHeader);
    if (names < 0 || memory[found.end - 1] !== 0) return false;
    const header = findHeader(first, count, names);
    if (header < 0) return false;
    found.start = placeSection(file, header);
    return found.start >= 0;
  }

  function isModule(): boolean {
    return (
      word(0) === ELF_MAGIC &&
      half(4) === WIDE_AND_LITTLE &&
      half(16) === ET_REL &&
      word(LAYOUT.shoff + 4) === 0 &&
      half(LAYOUT.shentsize) === LAYOUT.section
    );
  }

  /** Reads the section headers, what is around them, and the end of the file. */
  function readTail(file: number, table: number, count: number): boolean {
    extent.tail = table < BEFORE ? 0 : table - BEFORE;
    const end = table + count * LAYOUT.section;
    const wanted = end + AFTER - extent.tail;
    if (wanted > MAX_TAIL) return false;
    const length = load(file, HEAD, wanted, extent.tail);
    extent.size = extent.tail + length;
    // Where the end of the file is farther, the signature may be anywhere.
    return extent.size >= end && length < wanted;
  }

  /** Where a section begins in the memory, and where it ends; -1: it is not in the file, or too large. */
  function placeSection(file: number, header: number): number {
    const offset = word(header + LAYOUT.offset);
    const length = word(header + LAYOUT.size);
    const end = offset + length;
    const isHuge = word(header + LAYOUT.offset + 4) !== 0 || word(header + LAYOUT.size + 4) !== 0;
    if (isHuge || end > extent.size) return -1;
    const place = end <= HEAD ? offset : offset >= extent.tail ? offset - extent.tail + HEAD : OTHER;
    if (place === OTHER && (length > MAX_OTHER || load(file, OTHER, length, offset) < length)) return -1;
    found.end = place + length;
    return place;
  }

  /** The header of the first section that is called .modinfo; -1: there is none in the file. */
  function findHeader(first: number, count: number, names: number): number {
    const last = first + count * LAYOUT.section;
    for (let header = first + LAYOUT.section; header < last; header += LAYOUT.section) {
      const name = names + word(header);
      if (memory[name + 1] === LETTER_M && isName(name)) {
        const type = word(header + 4);
        return type === SHT_NULL || type === SHT_NOBITS ? -1 : header;
      }
    }
    return -1;
  }

  function isName(start: number): boolean {
    let same = 0;
    while (same < NAME.length && memory[start + same] === NAME[same]) same++;
    return same === NAME.length && start + same <= found.end;
  }

  function half(at: number): number {
    return view.getUint16(at, true);
  }

  function word(at: number): number {
    return view.getUint32(at, true);
  }

  function load(file: number, at: number, length: number, position: number): number {
    return readSync(file, memory, at, length, position);
  }

  const tail: ByteSource = {
    get size() {
      return extent.size;
    },
    read(offset, length) {
      if (offset < extent.tail || offset + length > extent.size) {
        throw new EndOfBytesError(offset, length, extent.size);
      }
      const start = offset - extent.tail + HEAD;
      return memory.subarray(start, start + length);
    },
  };
  return { scan, memory, found, tail };
}
