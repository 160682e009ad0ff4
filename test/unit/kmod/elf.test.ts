import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { ElfFile } from '../../../kmod/elf';
import { ElfError } from '../../../kmod/elfHeaders';
import { buildElf, SHAPES, type ElfShape } from './elfBuilder';

const readElf = (bytes: Uint8Array): ElfFile => new ElfFile(sourceOf(bytes));

const little64: ElfShape = { bits: 64, byteOrder: 'little' };
const sections = [
  { name: '.text', data: 'code' },
  { name: '.bss', type: 8, data: '' },
  { name: '.modinfo', data: 'license=GPL\0' },
];

/** Where fields lie in the 64-bit header. */
const SHOFF = 40;
const SHENTSIZE = 58;
const SHNUM = 60;
const SHSTRNDX = 62;

describe('an ELF file', () => {
  it.each(SHAPES)('of $bits bits in $byteOrder-endian order is read', (shape) => {
    const elf = readElf(buildElf(shape, sections));
    expect(elf).toMatchObject(shape);
    expect(elf.sections.map(({ name }) => name)).toEqual(['', '.text', '.bss', '.modinfo', '.shstrtab']);
    expect(contentOf(elf, '.modinfo')).toBe('license=GPL\0');
    expect(contentOf(elf, '.bss')).toBe('');
    expect(elf.find('.data')).toBeUndefined();
  });

  it.each([
    [62, 64, 'little', 'x86_64'],
    [3, 32, 'little', 'i386'],
    [40, 32, 'little', 'arm'],
    [183, 64, 'little', 'aarch64'],
    [243, 64, 'little', 'riscv64'],
    [243, 32, 'little', 'riscv32'],
    [8, 32, 'big', 'mips'],
    [8, 64, 'big', 'mips64'],
    [20, 32, 'big', 'ppc'],
    [21, 64, 'big', 'ppc64'],
    [21, 64, 'little', 'ppc64le'],
    [22, 64, 'big', 's390x'],
    [258, 64, 'little', 'loongarch64'],
    [0x1234, 64, 'little', 'machine 4660'],
  ] as const)('for machine %i of %i bits, %s-endian, is for %s', (machine, bits, byteOrder, name) => {
    expect(readElf(buildElf({ bits, byteOrder, machine }, [])).architecture).toBe(name);
  });

  it('is read where it stands in a larger buffer', () => {
    const file = buildElf(little64, sections);
    const elf = readElf(Buffer.concat([Buffer.alloc(7), file]).subarray(7));
    expect(contentOf(elf, '.text')).toBe('code');
  });
});

describe('what is no module is refused:', () => {
  it.each([
    ['a text file', Buffer.from('#!/bin/sh\necho hello\n'), 'not an ELF file (it begins with text)'],
    ['a text in UTF-8', Buffer.from('Übung\n'), 'not an ELF file (it begins with text)'],
    ['an empty file', Buffer.alloc(0), 'not an ELF file (it is empty)'],
    ['other bytes', Buffer.of(0, 1, 0xca, 0xfe, 0), 'not an ELF file (it begins with the bytes 00 01 ca fe)'],
    ['an executable', buildElf({ ...little64, type: 2 }, []), 'an executable, not a kernel module'],
    [
      'a shared library',
      buildElf({ ...little64, type: 3 }, []),
      'a shared library or a position-independent executable, not a kernel module',
    ],
    ['a core dump', buildElf({ ...little64, type: 4 }, []), 'a core dump, not a kernel module'],
    [
      'a type that ELF has not',
      buildElf({ ...little64, type: 9 }, []),
      'an ELF file of type 9, not a kernel module',
    ],
    [
      'the start of a header',
      buildElf(little64, []).subarray(0, 40),
      'truncated: the ELF header takes 64 bytes, the file has 40',
    ],
  ])('%s', (_what, bytes, message) => {
    expect(() => readElf(bytes)).toThrow(new ElfError(message));
  });

  it('a file cut off before its section header table', () => {
    const file = buildElf(little64, sections);
    expect(() => readElf(file.subarray(0, file.length - 10))).toThrow(
      `truncated: the section header table ends at byte ${file.length}, the file has ${file.length - 10}`,
    );
  });

  it.each([
    ['no section headers', (file: Buffer) => file.writeBigUInt64LE(0n, SHOFF), 'no section headers'],
    ['a table beyond 2^53', (file: Buffer) => file.writeBigUInt64LE(2n ** 63n, SHOFF), 'truncated'],
    ['section headers of a strange size', (file: Buffer) => file.writeUInt16LE(40, SHENTSIZE), 'of 40 bytes'],
    ['extended numbering of sections', (file: Buffer) => file.writeUInt16LE(0, SHNUM), 'extended'],
    ['an extended string table index', (file: Buffer) => file.writeUInt16LE(0xffff, SHSTRNDX), 'extended'],
    ['more sections than the file has', (file: Buffer) => file.writeUInt16LE(65535, SHNUM), 'truncated'],
    ['no table of names', (file: Buffer) => file.writeUInt16LE(0, SHSTRNDX), 'section 0 of 5'],
    ['a table of names out of range', (file: Buffer) => file.writeUInt16LE(5, SHSTRNDX), 'section 5 of 5'],
    [
      'names in a section that is no table',
      (file: Buffer) => file.writeUInt16LE(1, SHSTRNDX),
      'no string table',
    ],
    ['a class that is none', (file: Buffer) => file.writeUInt8(3, 4), 'damaged ELF header'],
    ['a byte order that is none', (file: Buffer) => file.writeUInt8(0, 5), 'damaged ELF header'],
  ])('%s', (_what, damage, message) => {
    const file = buildElf(little64, sections);
    damage(file);
    expect(() => readElf(file)).toThrow(ElfError);
    expect(() => readElf(file)).toThrow(message);
  });

  it.each([
    ['a section that ends behind the file', 32, 'truncated: section 1 of 5 ends at byte'],
    ['a name that lies outside of the table', 0, 'a section name lies outside'],
  ])('%s', (_what, field, message) => {
    const file = buildElf(little64, sections);
    const firstSection = Number(file.readBigUInt64LE(SHOFF)) + 64;
    file.writeUInt32LE(0x00ffffff, firstSection + field);
    expect(() => readElf(file)).toThrow(message);
  });

  it('names without an end', () => {
    const file = buildElf(little64, []);
    file[file.indexOf('.shstrtab\0') + 9] = 0x41;
    expect(() => readElf(file)).toThrow('does not end with a NUL');
  });
});

describe('a hostile file', () => {
  it('in which 65,535 sections share a name of a megabyte is refused before the names are copied', () => {
    const file = buildElf(
      little64,
      Array.from({ length: 65533 }, () => ({ name: '' })),
    );
    const longName = Buffer.concat([Buffer.alloc(1 << 20, 0x41), Buffer.of(0)]);
    const table = Number(file.readBigUInt64LE(SHOFF));
    file.writeBigUInt64LE(BigInt(file.length), table + 65534 * 64 + 24);
    file.writeBigUInt64LE(BigInt(longName.length), table + 65534 * 64 + 32);
    for (let section = 1; section < 65535; section++) {
      file.writeUInt32LE(0, table + section * 64);
    }
    expect(() => readElf(Buffer.concat([file, longName]))).toThrow(
      '65535 sections, more than the 16384 that are read',
    );
  });

  it.each(SHAPES)(
    'of $bits bits, $byteOrder-endian, with any header bytes is read or refused as ELF',
    (shape) => {
      const file = buildElf(shape, sections);
      const table = file.length - 5 * (shape.bits === 64 ? 64 : 40);
      const headerBytes = fc.oneof(
        fc.integer({ min: 4, max: shape.bits === 64 ? 63 : 51 }),
        fc.integer({ min: table, max: file.length - 1 }),
      );
      const mutation = fc.tuple(
        headerBytes,
        fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 255)),
      );
      fc.assert(
        fc.property(
          fc.array(mutation, { minLength: 1, maxLength: 8 }),
          fc.nat(file.length),
          (mutations, cut) => {
            const mutant = Buffer.from(file);
            for (const [offset, byte] of mutations) {
              mutant[offset] = byte;
            }
            expectReadOrRefused(mutant);
            expectReadOrRefused(mutant.subarray(0, file.length - cut));
          },
        ),
        { numRuns: 1500 },
      );
    },
  );
});

function expectReadOrRefused(bytes: Buffer): void {
  try {
    const elf = readElf(bytes);
    for (const section of elf.sections) elf.read(section);
  } catch (error) {
    expect(error).toBeInstanceOf(ElfError);
  }
}

function contentOf(elf: ElfFile, name: string): string | undefined {
  const section = elf.find(name);
  return section && Buffer.from(elf.read(section)).toString();
}
