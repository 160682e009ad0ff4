import type { ElfFile } from './elf';
import { SHN_ABS, type ModuleSymbols, type SymbolPlace } from './symbols';

/** A symbol that a module gives to others (EXPORT_SYMBOL and its kin). */
export interface ModuleExport {
  readonly name: string;
  readonly crc?: number;
  /** Only modules under a licence that is compatible with the GPL may use it. */
  readonly gpl: boolean;
  /** The namespace that a user has to import. */
  readonly namespace?: string;
}

const FLAG_GPL_ONLY = 1;

/**
 * What a module exports, by name. The entries of its tables differ from kernel to kernel (pointers or relative
 * references, with a namespace or without), and are filled in by relocations; but the kernel's macros have named
 * each part of an entry, on all architectures alike: `__ksymtab_NAME` in the table itself, whose name tells
 * GPL-only symbols, `__crc_NAME`, `__kstrtabns_NAME` (since Linux 5.4), and `__flags_NAME` where there is but one
 * table (include/linux/export-internal.h).
 */
export function readExports(elf: ElfFile, { marks }: ModuleSymbols): ModuleExport[] {
  const places = new Places(elf);
  const exports: ModuleExport[] = [];
  for (const [name, entry] of marks.__ksymtab_) {
    const table = elf.sections[entry.section]?.name;
    if (table === undefined || !/^__(_)?ksymtab/.test(table)) continue;
    const flags = places.byte(marks.__flags_.get(name)) ?? 0;
    const crc = places.word(marks.__crc_.get(name));
    const namespace = places.text(marks.__kstrtabns_.get(name));
    exports.push({
      name,
      ...(crc === undefined ? {} : { crc }),
      gpl: /ksymtab(_unused)?_gpl/.test(table) || (flags & FLAG_GPL_ONLY) !== 0,
      ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    });
  }
  return exports.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What stands at symbols; undefined where a symbol does not point into the file. */
class Places {
  readonly #sections = new Map<number, Uint8Array>();

  constructor(private readonly elf: ElfFile) {}

  byte(place: SymbolPlace | undefined): number | undefined {
    return place && this.#section(place.section)[place.value];
  }

  /** A CRC: the symbol's value itself where no table has it (before Linux 5.19). */
  word(place: SymbolPlace | undefined): number | undefined {
    if (place === undefined) return undefined;
    if (place.section === SHN_ABS) return place.value;
    const bytes = this.#section(place.section);
    return place.value + 4 <= bytes.length ? this.elf.fields(bytes).word(place.value) : undefined;
  }

  text(place: SymbolPlace | undefined): string | undefined {
    if (place === undefined) return undefined;
    return this.elf.name(this.#section(place.section), place.value);
  }

  #section(index: number): Uint8Array {
    const known = this.#sections.get(index);
    if (known !== undefined) return known;
    const section = this.elf.sections[index];
    const bytes = section === undefined ? new Uint8Array() : this.elf.read(section);
    this.#sections.set(index, bytes);
    return bytes;
  }
}
