import { FieldReader, sourceOf } from './bytes';
import { checkSections, LAYOUTS, readElfHeaders, SHT_NOBITS, SHT_NULL, type ElfHeaders } from './elfHeaders';
import { isSigned } from './signature';
import { decodeText } from './text';

/** DWARF, also compressed as old toolchains did it, and the relocations of both. */
const DEBUG_SECTION = /^(\.rela?)?\.z?debug_/;

/**
 * A module without its debug information, which the kernel never reads; most of a built module is that. Else it is
 * the same module: sections keep their numbers, the symbols and the build-id stay. The emptied sections become of
 * type SHT_NULL, which the kernel passes over (elf_validity_cache_sechdrs() in kernel/module/main.c). The very
 * bytes that came where there is none, and where a signature would break.
 * @throws ElfError
 */
export function stripDebug(bytes: Uint8Array): Uint8Array {
  const source = sourceOf(bytes);
  const headers = readElfHeaders(source);
  checkSections(headers, source.size);
  const names = sectionNames(headers);
  if (!names.some((name) => DEBUG_SECTION.test(name)) || isSigned(source)) {
    return bytes;
  }
  const layout = LAYOUTS[headers.bits];
  const header = Uint8Array.from(headers.header);
  const table = Uint8Array.from(headers.table);
  const fields = new FieldReader(table, headers.byteOrder, headers.bits);
  const parts: Uint8Array[] = [header];
  let length = header.length;
  const append = (part: Uint8Array, alignment: number): number => {
    const padding = (alignment - (length % alignment)) % alignment;
    parts.push(new Uint8Array(padding), part);
    length += padding + part.length;
    return length - part.length;
  };
  names.forEach((name, index) => {
    const at = index * layout.section;
    const type = fields.word(at + 4);
    if (DEBUG_SECTION.test(name)) {
      fields.setWord(at + 4, SHT_NULL);
      fields.setAddress(at + layout.offset, 0);
      fields.setAddress(at + layout.size, 0);
    } else if (type !== SHT_NULL) {
      const size = type === SHT_NOBITS ? 0 : fields.address(at + layout.size);
      const data = source.read(size === 0 ? 0 : fields.address(at + layout.offset), size);
      fields.setAddress(at + layout.offset, append(data, fields.address(at + layout.alignment) || 1));
    }
  });
  const tableOffset = append(table, 8);
  new FieldReader(header, headers.byteOrder, headers.bits).setAddress(layout.shoff, tableOffset);
  return Buffer.concat(parts);
}

function sectionNames({ bits, byteOrder, table, count, names }: ElfHeaders): string[] {
  const fields = new FieldReader(table, byteOrder, bits);
  return Array.from({ length: count }, (_, index) => {
    const start = fields.word(index * LAYOUTS[bits].section);
    return decodeText(names.subarray(start, names.indexOf(0, start)));
  });
}
