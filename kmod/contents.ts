import type { ByteSource } from './bytes';
import { ElfFile, type ElfSection } from './elf';
import { readExports, type ModuleExport } from './exports';
import { readInfo, type ModuleInfo, type ModuleParameter } from './modinfo';
import { readPermissions } from './permissions';
import { readSymbols, type ModuleSymbols } from './symbols';
import { taintsOf, type Taint } from './taints';
import { readVersions, type SymbolVersion } from './versions';

/** A symbol that a module takes from the kernel or from another module. */
interface ModuleImport {
  readonly name: string;
  /** What the exporter's CRC has to be; absent: the kernel compares none. */
  readonly crc?: number;
  /** The module loads without it. */
  readonly weak: boolean;
}

/** Everything that is read out of a module file. Plain JSON, as ModuleInfo is. */
export interface ModuleContents {
  /** With the signature, the build-id and the architecture. */
  readonly info: ModuleInfo;
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  /** Bytes of the file, uncompressed. */
  readonly size: number;
  /** As in the file; the first is no section. */
  readonly sections: readonly ElfSection[];
  /** In the order of info.parameters; a parameter that nothing describes comes after these. */
  readonly parameters: readonly ContentsParameter[];
  /** The module was stripped of its symbols: imports, exports, init, exit and permissions are not known. */
  readonly stripped: boolean;
  /** By name. The namespaces that it uses are the `import_ns` of info.entries: symbols do not tell theirs. */
  readonly imports: readonly ModuleImport[];
  /** By name. */
  readonly exports: readonly ModuleExport[];
  /** What `modprobe --dump-modversions` prints, in its order: the CRCs of imports, and of `module_layout`. */
  readonly versions: readonly SymbolVersion[];
  /** The function given to module_init(); "init_module" where it is not named otherwise. */
  readonly init?: string;
  /** The function given to module_exit(); without one the module cannot be unloaded, unless it has no init either. */
  readonly exit?: string;
  readonly taints: readonly Taint[];
}

interface ContentsParameter extends ModuleParameter {
  /** In /sys/module/NAME/parameters; 0: it is not there; absent: the symbols do not tell. */
  readonly permissions?: number;
}

const NO_SYMBOLS: ModuleSymbols = {
  imports: [],
  marks: {
    __ksymtab_: new Map(),
    __crc_: new Map(),
    __kstrtabns_: new Map(),
    __flags_: new Map(),
    __param_: new Map(),
  },
  init: [],
  exit: [],
};

/**
 * Reads a module, uncompressed (see decompress). Reads its headers, .modinfo, symbols, tables and signature, and
 * never its code or its debugging information. The file name (a path will do) names modules that do not name
 * themselves.
 * @throws ElfError, EndOfBytesError
 */
export function readContents(source: ByteSource, fileName: string): ModuleContents {
  const elf = new ElfFile(source);
  const info = readInfo(source, elf.headers, fileName);
  const symbols = readSymbols(elf);
  const { imports, init, exit } = symbols ?? NO_SYMBOLS;
  const versions = readVersions(elf);
  const crcs = new Map(versions.map(({ name, crc }) => [name, crc]));
  return {
    info,
    bits: elf.bits,
    byteOrder: elf.byteOrder,
    size: source.size,
    sections: elf.sections,
    parameters: withPermissions(info.parameters, readPermissions(elf, symbols ?? NO_SYMBOLS)),
    stripped: symbols === undefined,
    imports: imports
      .map(({ name, weak }) => {
        const crc = crcs.get(name);
        return crc === undefined ? { name, weak } : { name, crc, weak };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    exports: readExports(elf, symbols ?? NO_SYMBOLS),
    versions,
    ...(init[0] === undefined ? {} : { init: init[0] }),
    ...(exit[0] === undefined ? {} : { exit: exit[0] }),
    taints: taintsOf(info),
  };
}

function withPermissions(
  parameters: readonly ModuleParameter[],
  permissions: ReadonlyMap<string, number>,
): ContentsParameter[] {
  const known = new Set(parameters.map(({ name }) => name));
  const undescribed = [...permissions.keys()].filter((name) => !known.has(name)).map((name) => ({ name }));
  return [...parameters, ...undescribed].map((parameter) => {
    const mode = permissions.get(parameter.name);
    return mode === undefined ? parameter : { ...parameter, permissions: mode };
  });
}
