import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { ElfFile } from '../../../kmod/elf';
import { stripDebug } from '../../../kmod/stripDebug';
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
