import { FieldReader, sourceOf } from './bytes';
import { ElfFile } from './elf';
import { LAYOUTS, SHT_NULL } from './elfHeaders';
import { isSigned } from './signature';

/** DWARF, also compressed as old toolchains did it, and the relocations of both. */
const DEBUG_SECTION = /^(\.rela?)?\.z?debug_/;

/**
 * A module without its debug information, which the kernel never reads; most of a built module is that. Else it is
 * the same module: sections keep their numbers, the symbols and the build-id stay. The emptied sections become of
 * type SHT_NULL, which the kernel passes over (elf_validity_cache_sechdrs() in kernel/module/main.c). The very
 * bytes that came where there is none, and where a signature would break.
 *
 * What comes out is shorter than what goes in, or the very bytes: sections that overlap, or are aligned to more than
 * there is, make no memory grow.
 * @throws ElfError
 */
export function stripDebug(bytes: Uint8Array): Uint8Array {
  const source = sourceOf(bytes);
  const elf = new ElfFile(source);
  if (!elf.sections.some(({ name }) => DEBUG_SECTION.test(name)) || isSigned(source)) {
    return bytes;
  }
  const layout = LAYOUTS[elf.bits];
  const header = Uint8Array.from(elf.headers.header);
  const table = Uint8Array.from(elf.headers.table);
  const fields = new FieldReader(table, elf.byteOrder, elf.bits);
  const parts: { readonly offset: number; readonly part: Uint8Array }[] = [{ offset: 0, part: header }];
  let length = header.length;
  const place = (part: Uint8Array, alignment: number): number => {
    const offset = Math.ceil(length / alignment) * alignment;
    parts.push({ offset, part });
    length = offset + part.length;
    return offset;
  };
  for (const [index, section] of elf.sections.entries()) {
    const at = index * layout.section;
    if (DEBUG_SECTION.test(section.name)) {
      fields.setWord(at + 4, SHT_NULL);
      fields.setAddress(at + layout.offset, 0);
      fields.setAddress(at + layout.size, 0);
    } else if (section.type !== 'null') {
      const offset = place(elf.read(section), fields.address(at + layout.alignment) || 1);
      if (length >= bytes.length) return bytes;
      fields.setAddress(at + layout.offset, offset);
    }
  }
  const tableOffset = place(table, 8);
  if (length >= bytes.length) return bytes;
  new FieldReader(header, elf.byteOrder, elf.bits).setAddress(layout.shoff, tableOffset);
  const stripped = Buffer.alloc(length);
  for (const { offset, part } of parts) stripped.set(part, offset);
  return stripped;
}
