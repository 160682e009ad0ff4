import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { ElfFile } from '../../../kmod/elf';
import { stripDebug } from '../../../kmod/stripDebug';
import { ElfError } from '../../../kmod/elfHeaders';
import { buildElf, buildModule, SHAPES } from './elfBuilder';

const sections = (bytes: Uint8Array): [name: string, type: string, data: string][] => {
  const elf = new ElfFile(sourceOf(bytes));
  return elf.sections.map((section) => [
    section.name,
    section.type,
    Buffer.from(elf.read(section)).toString('latin1'),
  ]);
};

describe('a module without its debug information', () => {
  it.each(SHAPES)('has everything else, under the same numbers (%o)', (shape) => {
    const bytes = buildElf(shape, [
      { name: '.text', data: 'code' },
      { name: '.debug_info', data: 'd'.repeat(1000) },
      { name: '.rela.debug_info', type: 4, data: 'r'.repeat(240) },
      { name: '.bss', type: 8 },
      { name: '.zdebug_str', data: 'z' },
      { name: '.modinfo', data: 'license=GPL\0' },
    ]);
    const stripped = stripDebug(bytes);
    const emptied = /debug/;
    expect(sections(stripped)).toEqual(
      sections(bytes).map(([name, type, data]) =>
        emptied.test(name) ? [name, 'null', ''] : [name, type, data],
      ),
    );
    expect(stripped.length).toBeLessThan(bytes.length - 1200);
  });

  it('is the same file where there is none', () => {
    const bytes = buildModule(['license=GPL']);
    expect(stripDebug(bytes)).toBe(bytes);
  });

  it('that is signed stays as it is: a signature covers every byte', () => {
    const trailer = Buffer.alloc(12);
    trailer.writeUInt32BE(4, 8);
    trailer[0] = 1;
    trailer[1] = 4;
    trailer[2] = 1;
    const bytes = Buffer.concat([
      buildModule([], [{ name: '.debug_info', data: 'd' }]),
      Buffer.from('sign'),
      trailer,
      Buffer.from('~Module signature appended~\n'),
    ]);
    expect(stripDebug(bytes)).toBe(bytes);
  });

  it('that ends with a signature of an unknown kind stays as it is', () => {
    const bytes = Buffer.concat([
      buildModule([], [{ name: '.debug_info', data: 'd' }]),
      Buffer.from('~Module signature appended~\n'),
    ]);
    expect(stripDebug(bytes)).toBe(bytes);
  });
});

/** A module of 64 bits with debug information, and where its section headers begin. */
function buildDebugged(count: number, content = 'd'): { file: Buffer; headerAt: (index: number) => number } {
  const sections = Array.from({ length: count }, (_, index) => ({ name: `.s${index}`, data: content }));
  const file = buildElf({ bits: 64, byteOrder: 'little' }, [
    { name: '.debug_info', data: 'd'.repeat(100) },
    ...sections,
  ]);
  const table = Number(file.readBigUInt64LE(40));
  return { file, headerAt: (index) => table + 64 * index };
}

describe('A module that was made to fill memory', () => {
  it('by an alignment of 2 GiB stays as it is', () => {
    const { file, headerAt } = buildDebugged(1);
    file.writeBigUInt64LE(2n ** 31n, headerAt(2) + 48);
    expect(stripDebug(file)).toBe(file);
  });

  it('by a hundred sections over the same bytes stays as it is', () => {
    const { file, headerAt } = buildDebugged(100, 'x'.repeat(1000));
    for (let index = 2; index < 102; index++) {
      file.writeBigUInt64LE(64n, headerAt(index) + 24);
      file.writeBigUInt64LE(90_000n, headerAt(index) + 32);
    }
    expect(stripDebug(file)).toBe(file);
  });

  it('by thousands of sections with one long name is refused', () => {
    const name = `.debug_${'n'.repeat(1 << 12)}`;
    const file = buildElf({ bits: 64, byteOrder: 'little' }, [
      { name },
      ...Array.from({ length: 1000 }, () => ({ name: '' })),
    ]);
    const table = Number(file.readBigUInt64LE(40));
    for (let index = 2; index < 1002; index++) file.writeUInt32LE(1, table + 64 * index);
    expect(() => stripDebug(file)).toThrow(
      new ElfError('damaged: the section names take more than 1048576 bytes'),
    );
  });

  it('never becomes longer than it was, whatever its section headers say', () => {
    const number = fc.oneof(fc.nat(2000), fc.maxSafeNat(), fc.constantFrom(0, 1, 4096, 2 ** 31, 2 ** 52));
    const change = fc.record({
      section: fc.nat(7),
      field: fc.constantFrom(0, 4, 24, 32, 48),
      value: number,
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const { file, headerAt } = buildDebugged(6, 'content of a section');
        for (const { section, field, value } of changes) {
          const at = headerAt(section) + field;
          if (field < 24) file.writeUInt32LE(value % 64, at);
          else file.writeBigUInt64LE(BigInt(value), at);
        }
        try {
          expect(stripDebug(file).length).toBeLessThanOrEqual(file.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ElfError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
