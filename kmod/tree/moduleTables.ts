import { ModuleIndex } from './moduleIndex';

/** What depmod found in /lib/modules/RELEASE, as modprobe looks it up. Names have `_` for `-`. */
export interface ModuleTables {
  /** A module's line of modules.dep. */
  line(name: string): DependencyLine | undefined;
  /** The modules with a pattern that matches, best first: modules.alias. */
  aliases(name: string): readonly string[];
  /** For `symbol:NAME`: modules.symbols. */
  symbols(name: string): readonly string[];
  isBuiltin(name: string): boolean;
  builtinAliases(name: string): readonly string[];
}

export interface DependencyLine {
  /** Relative to /lib/modules/RELEASE, or absolute. */
  readonly path: string;
  /** As depmod orders them: what is needed first is last. */
  readonly dependencies: readonly string[];
}

/** The indexes that kmod reads, by their names. */
export const INDEX_FILES = [
  'modules.dep.bin',
  'modules.alias.bin',
  'modules.symbols.bin',
  'modules.builtin.bin',
  'modules.builtin.alias.bin',
] as const;

type IndexFile = (typeof INDEX_FILES)[number];

/** The tables in the indexes of a directory. One that is missing or broken has nothing in it. */
export function tablesOfIndexes(bytesOf: (file: IndexFile) => Uint8Array | undefined): ModuleTables {
  const indexes = new Map(
    INDEX_FILES.map((file) => [file, ModuleIndex.open(bytesOf(file) ?? new Uint8Array())]),
  );
  const patterns = (file: IndexFile, name: string) => indexes.get(file)?.searchPatterns(name) ?? [];
  return {
    line: (name) => parseDependencyLine(indexes.get('modules.dep.bin')?.search(name)),
    aliases: (name) => patterns('modules.alias.bin', name),
    symbols: (name) => patterns('modules.symbols.bin', name),
    isBuiltin: (name) => indexes.get('modules.builtin.bin')?.search(name) !== undefined,
    builtinAliases: (name) => patterns('modules.builtin.alias.bin', name),
  };
}

/** A line of modules.dep, or of its index. */
export function parseDependencyLine(line: string | undefined): DependencyLine | undefined {
  if (line === undefined) return undefined;
  const colon = line.indexOf(':');
  // kmod_module_parse_depline() takes a line without a colon for a module without a file.
  if (colon < 0) return { path: '', dependencies: [] };
  const dependencies = line
    .slice(colon + 1)
    .split(/[ \t]+/)
    .filter((path) => path !== '');
  return { path: line.slice(0, colon), dependencies };
}
