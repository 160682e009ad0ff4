import { MAX_NAME, type ElfFile } from './elf';
import { ElfError } from './elfHeaders';

/** Where a symbol lies. */
export interface SymbolPlace {
  /** The section's index, or SHN_ABS. */
  readonly section: number;
  /** The offset in the section. */
  readonly value: number;
  readonly size: number;
}

export const SHN_ABS = 0xfff1;
const SHN_UNDEF = 0;

/** The symbols of a module that say what it takes and gives; all others are passed over. */
export interface ModuleSymbols {
  /** Undefined symbols, in the table's order. */
  readonly imports: readonly { readonly name: string; readonly weak: boolean }[];
  /** `__ksymtab_NAME`, `__crc_NAME`, …, by prefix and name. */
  readonly marks: Readonly<Record<Mark, ReadonlyMap<string, SymbolPlace>>>;
  /** The names of the function that the kernel calls first, `init_module` last. */
  readonly init: readonly string[];
  /** The names of the function that the kernel calls at the end, `cleanup_module` last. */
  readonly exit: readonly string[];
}

const MARKS = ['__ksymtab_', '__crc_', '__kstrtabns_', '__flags_', '__param_'] as const;
type Mark = (typeof MARKS)[number];

/** As many as are kept; the largest modules have some thousands. */
const MAX_KEPT = 1 << 16;

const STB_WEAK = 2;
const STB_GLOBAL = 1;
const STT_NOTYPE = 0;
const STT_FUNC = 2;
/** Of sparc: no symbol, but a register that it uses. */
const STT_REGISTER = 13;

/** Elf32_Sym and Elf64_Sym */
const LAYOUTS = {
  32: { entry: 16, value: 4, size: 8, info: 12, section: 14 },
  64: { entry: 24, value: 8, size: 16, info: 4, section: 6 },
} as const;

/** Reads .symtab. A stripped module has none, and then nothing is known. @throws ElfError */
export function readSymbols(elf: ElfFile): ModuleSymbols | undefined {
  const [symbols, strings] = [elf.find('.symtab'), elf.find('.strtab')];
  if (symbols === undefined || strings === undefined) return undefined;
  return new SymbolTable(elf, elf.read(symbols), elf.read(strings)).read();
}

class SymbolTable {
  readonly #layout;
  readonly #fields;
  #kept = 0;

  constructor(
    private readonly elf: ElfFile,
    private readonly table: Uint8Array,
    private readonly strings: Uint8Array,
  ) {
    this.#layout = LAYOUTS[elf.bits];
    this.#fields = elf.fields(table);
    if (table.length % this.#layout.entry !== 0) {
      throw new ElfError(`damaged: .symtab is no table of ${this.#layout.entry} bytes a symbol`);
    }
  }

  read(): ModuleSymbols {
    const imports: { name: string; weak: boolean }[] = [];
    const marks: Record<Mark, Map<string, SymbolPlace>> = {
      __ksymtab_: new Map(),
      __crc_: new Map(),
      __kstrtabns_: new Map(),
      __flags_: new Map(),
      __param_: new Map(),
    };
    let init: number | undefined;
    let exit: number | undefined;
    const { entry, info, section } = this.#layout;
    for (let at = entry; at < this.table.length; at += entry) {
      const name = this.#fields.word(at);
      if (name >= this.strings.length) {
        throw new ElfError(`damaged: the name of symbol ${at / entry} lies outside of .strtab`);
      }
      if (this.#fields.half(at + section) === SHN_UNDEF) {
        const kind = this.table[at + info] ?? 0;
        const binding = kind >> 4;
        if ((binding === STB_GLOBAL || binding === STB_WEAK) && (kind & 15) !== STT_REGISTER) {
          const text = this.#name(name);
          if (text !== '') imports.push({ name: text, weak: binding === STB_WEAK });
        }
        continue;
      }
      const mark = this.#markAt(name);
      if (mark !== undefined) {
        marks[mark].set(this.#name(name + mark.length), this.#place(at));
      } else if (this.#isAt(name, 'init_module\0')) {
        init = at;
      } else if (this.#isAt(name, 'cleanup_module\0')) {
        exit = at;
      }
    }
    return { imports, marks, init: this.#namesOf(init), exit: this.#namesOf(exit) };
  }

  #place(at: number): SymbolPlace {
    return {
      section: this.#fields.half(at + this.#layout.section),
      value: this.#fields.address(at + this.#layout.value),
      size: this.#fields.address(at + this.#layout.size),
    };
  }

  /** All names of the function that a symbol names, the symbol's own last. */
  #namesOf(symbol: number | undefined): string[] {
    if (symbol === undefined) return [];
    const { section, value } = this.#place(symbol);
    const names: string[] = [];
    const { entry, info } = this.#layout;
    for (let at = entry; at < this.table.length; at += entry) {
      const type = (this.table[at + info] ?? 0) & 15;
      if (at === symbol || this.#fields.half(at + this.#layout.section) !== section) continue;
      if (type !== STT_FUNC && type !== STT_NOTYPE) continue;
      if (this.#fields.address(at + this.#layout.value) !== value) continue;
      const name = this.#name(this.#fields.word(at));
      // "$x", "$a", …: mapping symbols, which tell code from data on arm.
      if (name !== '' && !name.startsWith('$') && !name.startsWith('.L')) names.push(name);
    }
    return [...names, this.#name(this.#fields.word(symbol))];
  }

  #markAt(offset: number): Mark | undefined {
    if (this.strings[offset] !== 0x5f || this.strings[offset + 1] !== 0x5f) return undefined;
    return MARKS.find((mark) => this.#isAt(offset, mark));
  }

  #isAt(offset: number, text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.strings[offset + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  #name(offset: number): string {
    const name = this.elf.name(this.strings, offset);
    if (name === undefined) {
      throw new ElfError(`damaged: the name of a symbol has no end, or more than ${MAX_NAME} bytes`);
    }
    if (++this.#kept > MAX_KEPT) {
      throw new ElfError(`more than the ${MAX_KEPT} imported and exported symbols that are read`);
    }
    return name;
  }
}
