/** A section as it shall stand in the file. */
export interface BuiltSection {
  readonly name: string;
  /** sh_type; PROGBITS unless told. */
  readonly type?: number;
  /** sh_flags; none unless told. */
  readonly flags?: number;
  readonly data?: Uint8Array | string;
}

export interface ElfShape {
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  /** e_machine; x86_64 unless told. */
  readonly machine?: number;
  /** e_type; ET_REL unless told. */
  readonly type?: number;
}

export const SHAPES: readonly ElfShape[] = [
  { bits: 64, byteOrder: 'little' },
  { bits: 64, byteOrder: 'big' },
  { bits: 32, byteOrder: 'little' },
  { bits: 32, byteOrder: 'big' },
];

const PROGBITS = 1;
const STRTAB = 3;

/** Writes an ELF file: header, the sections' data, the section header table. Section 0 is null, the last holds the names. */
export function buildElf(shape: ElfShape, sections: readonly BuiltSection[]): Buffer {
  const wide = shape.bits === 64;
  const headerLength = wide ? 64 : 52;
  const entryLength = wide ? 64 : 40;
  const all: BuiltSection[] = [{ name: '', type: 0 }, ...sections, { name: '.shstrtab', type: STRTAB }];
  const names = Buffer.from(all.map(({ name }) => `${name}\0`).join(''));
  const contents = all.map(({ type, data }, index) =>
    index === all.length - 1 ? names : type === 0 ? Buffer.alloc(0) : Buffer.from(data ?? ''),
  );
  const tableOffset = headerLength + contents.reduce((sum, content) => sum + content.length, 0);

  const header = new Writer(shape, headerLength);
  header.bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, shape.byteOrder === 'little' ? 1 : 2, 1]);
  header
    .at(16)
    .half(shape.type ?? 1)
    .half(shape.machine ?? 62)
    .word(1);
  header.at(wide ? 40 : 32).address(tableOffset);
  header
    .at(headerLength - 6)
    .half(entryLength)
    .half(all.length)
    .half(all.length - 1);

  let nameOffset = 0;
  let dataOffset = headerLength;
  const table = all.map(({ name, type, flags }, index) => {
    const size = contents[index]?.length ?? 0;
    const entry = new Writer(shape, entryLength);
    entry
      .at(0)
      .word(nameOffset)
      .word(type ?? PROGBITS)
      .address(flags ?? 0);
    entry
      .at(wide ? 24 : 16)
      .address(dataOffset)
      .address(size);
    nameOffset += name.length + 1;
    dataOffset += size;
    return entry.bytes;
  });
  return Buffer.concat([header.bytes, ...contents, ...table]);
}

/** A module with these .modinfo strings. */
export function buildModule(
  modinfo: readonly (string | Uint8Array)[],
  sections: readonly BuiltSection[] = [],
  shape: ElfShape = { bits: 64, byteOrder: 'little' },
): Buffer {
  const data = Buffer.concat(modinfo.flatMap((text) => [Buffer.from(text), Buffer.of(0)]));
  return buildElf(shape, [{ name: '.text', data: 'code' }, { name: '.modinfo', data }, ...sections]);
}

export interface BuiltSymbol {
  readonly name: string;
  /** The index of its section; 0, undefined, unless told. The first section that is built is 1. */
  readonly section?: number;
  readonly value?: number;
  readonly size?: number;
  /** ELF_ST_INFO; a global symbol of no type unless told. */
  readonly info?: number;
}

/** .symtab and .strtab */
export function buildSymbols(shape: ElfShape, symbols: readonly BuiltSymbol[]): BuiltSection[] {
  const wide = shape.bits === 64;
  let nameOffset = 1;
  const table = symbols.map(({ name, section = 0, value = 0, size = 0, info = 0x10 }) => {
    const entry = new Writer(shape, wide ? 24 : 16);
    entry.at(0).word(nameOffset);
    entry
      .at(wide ? 8 : 4)
      .address(value)
      .address(size);
    entry.bytes[wide ? 4 : 12] = info;
    entry.at(wide ? 6 : 14).half(section);
    nameOffset += Buffer.byteLength(name) + 1;
    return entry.bytes;
  });
  return [
    { name: '.symtab', type: 2, data: Buffer.concat([Buffer.alloc(wide ? 24 : 16), ...table]) },
    { name: '.strtab', type: STRTAB, data: `\0${symbols.map(({ name }) => `${name}\0`).join('')}` },
  ];
}

/** Numbers of 4 bytes. */
export function buildWords(shape: ElfShape, words: readonly number[]): Buffer {
  return Buffer.concat(words.map((word) => new Writer(shape, 4).word(word).bytes));
}

/** A table of __versions. */
export function buildVersions(shape: ElfShape, versions: readonly (readonly [string, number])[]): Buffer {
  return Buffer.concat(
    versions.map(([name, crc]) => {
      const entry = new Writer(shape, 64).address(crc).bytes;
      entry.write(name, shape.bits / 8);
      return entry;
    }),
  );
}

/** A GNU build-id note in the file's byte order. */
export function buildIdNote(shape: ElfShape, id: Uint8Array): Buffer {
  const head = new Writer(shape, 12).at(0).word(4).word(id.length).word(3);
  return Buffer.concat([head.bytes, Buffer.from('GNU\0'), id]);
}

class Writer {
  readonly bytes: Buffer;
  readonly #little: boolean;
  readonly #wide: boolean;
  #at = 0;

  constructor({ bits, byteOrder }: ElfShape, length: number) {
    this.bytes = Buffer.alloc(length);
    this.#little = byteOrder === 'little';
    this.#wide = bits === 64;
  }

  at(offset: number): this {
    this.#at = offset;
    return this;
  }

  half(value: number): this {
    this.#at = this.#little
      ? this.bytes.writeUInt16LE(value, this.#at)
      : this.bytes.writeUInt16BE(value, this.#at);
    return this;
  }

  word(value: number): this {
    this.#at = this.#little
      ? this.bytes.writeUInt32LE(value, this.#at)
      : this.bytes.writeUInt32BE(value, this.#at);
    return this;
  }

  address(value: number): this {
    if (!this.#wide) {
      return this.word(value);
    }
    return this.#little ? this.word(value).word(0) : this.word(0).word(value);
  }
}

/** So many sections, the first and the last among them, that all have the one name: all of the table of names. */
export function buildCrowded(count: number, names: Buffer): Buffer {
  const sections = Array.from({ length: count - 2 }, () => ({ name: '' }));
  const file = buildElf({ bits: 64, byteOrder: 'little' }, sections);
  const table = Number(file.readBigUInt64LE(40));
  for (let index = 0; index < count; index++) file.writeUInt32LE(0, table + index * 64);
  const last = table + (count - 1) * 64;
  file.writeBigUInt64LE(BigInt(file.length), last + 24);
  file.writeBigUInt64LE(BigInt(names.length), last + 32);
  return Buffer.concat([file, names]);
}
