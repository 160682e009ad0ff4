import { isUtf8 } from 'node:buffer';
import type { Configuration } from '../config/configuration';
import { ModuleLookup } from '../config/lookup';
import { foldName } from '../config/parse';
import { NEWEST_KMOD } from '../config/versions';
import { allValues, type ModuleInfo } from '../modinfo';
import { moduleNameOfPath, normalizeModuleName } from '../name';
import { buildIndex } from './buildIndex';
import { ModuleIndex } from './moduleIndex';
import { parseDependencyLine, type DependencyLine, type ModuleTables } from './moduleTables';
import {
  parseModulesAlias,
  parseModulesBuiltin,
  parseModulesBuiltinModinfo,
  parseModulesDep,
  parseModulesDevname,
  parseModulesSoftdep,
  parseModulesWeakdep,
  type DeviceNode,
  type ModuleAlias,
  type Softdep,
} from './parse';

/**
 * The files of depmod and of the kernel's build that a tree is read from. depmod's .bin files say the same as these,
 * and a BusyBox system has none; modules.order is in the order of modules.dep.
 */
const TEXT_FILES = [
  'modules.dep',
  'modules.alias',
  'modules.symbols',
  'modules.softdep',
  'modules.weakdep',
  'modules.devname',
  'modules.builtin',
] as const;

const BUILTIN_MODINFO = 'modules.builtin.modinfo';

export const TREE_FILES = [...TEXT_FILES, BUILTIN_MODINFO] as const;

type TextFile = (typeof TEXT_FILES)[number];
export type TreeFile = (typeof TREE_FILES)[number];

/** More than anybody looks through; a kernel has some 30,000. */
const MAX_DEVICE_ALIASES = 200;

/** modprobe's look-up, where no configuration is read. */
const NO_CONFIGURATION: Configuration = {
  kmod: NEWEST_KMOD,
  files: [],
  ignored: [],
  entries: [],
  complaints: [],
};

/**
 * The modules of one kernel: what depmod(8) wrote below /lib/modules/RELEASE, kept compact and read as it is asked
 * for. Names are given with `_` and asked for with `-` or `_`. A file that is missing is as one that is empty, and
 * a line that is none of depmod's counts for nothing.
 */
export class ModuleTree implements ModuleTables {
  readonly #texts: ReadonlyMap<TextFile, string>;
  /** The lines of modules.dep by module name, in depmod's order: the order in which aliases are resolved. */
  readonly #lines: ReadonlyMap<string, string>;
  /** The paths of modules.builtin by module name. */
  readonly #builtins: ReadonlyMap<string, string>;
  readonly #lookup = new ModuleLookup(NO_CONFIGURATION, this);
  #dependants: ReadonlyMap<string, readonly string[]> | undefined;
  #builtinInfos: ReadonlyMap<string, ModuleInfo> | undefined;
  #aliases: ModuleIndex | undefined;
  #symbols: ModuleIndex | undefined;
  #builtinAliases: ModuleIndex | undefined;

  private constructor(
    texts: ReadonlyMap<TextFile, string>,
    private readonly builtinModinfo: Uint8Array,
  ) {
    this.#texts = texts;
    this.#lines = parseModulesDep(this.text('modules.dep'));
    this.#builtins = parseModulesBuiltin(this.text('modules.builtin'));
  }

  static of(bytesOf: (file: TreeFile) => Uint8Array | undefined): ModuleTree {
    const texts = TEXT_FILES.map((file) => [file, textOf(bytesOf(file) ?? new Uint8Array())] as const);
    return new ModuleTree(new Map(texts), Uint8Array.from(bytesOf(BUILTIN_MODINFO) ?? []));
  }

  /** @param read the bytes of a file; undefined: there is none */
  static async read(read: (file: TreeFile) => Promise<Uint8Array | undefined>): Promise<ModuleTree> {
    const files = new Map(
      await Promise.all(TREE_FILES.map(async (file) => [file, await read(file)] as const)),
    );
    return ModuleTree.of((file) => files.get(file));
  }

  /** The modules that have a file, in depmod's order. */
  get names(): string[] {
    return [...this.#lines.keys()];
  }

  /** The modules that are part of the kernel image, those that could not be left out included. */
  get builtinNames(): string[] {
    return [...new Set([...this.#builtins.keys(), ...this.#builtinInfo().keys()])];
  }

  /** modules.dep's path of a module's file: relative to /lib/modules/RELEASE, or absolute. */
  path(name: string): string | undefined {
    return this.line(name)?.path;
  }

  /** Where the file of a built-in module would be, if it were none: `kernel/net/unix/unix.ko`. */
  builtinPath(name: string): string | undefined {
    return this.#builtins.get(normalizeModuleName(name));
  }

  line(name: string): DependencyLine | undefined {
    return parseDependencyLine(this.#lines.get(normalizeModuleName(name)));
  }

  /** All modules that a module needs, in the order in which modprobe inserts them; undefined: no such module. */
  dependencies(name: string): string[] | undefined {
    return this.line(name)?.dependencies.map(moduleNameOfPath).reverse();
  }

  /** The dependencies that no other dependency of the module brings: the edges of a graph. */
  directDependencies(name: string): string[] | undefined {
    const all = this.dependencies(name);
    const brought = new Set(all?.flatMap((other) => this.dependencies(other) ?? []));
    return all?.filter((other) => !brought.has(other));
  }

  /** The modules that need a module, directly or not, in depmod's order. */
  dependants(name: string): readonly string[] {
    this.#dependants ??= this.#invert();
    return this.#dependants.get(normalizeModuleName(name)) ?? [];
  }

  /** The modules that need a module for nothing but itself: the edges of a graph. */
  directDependants(name: string): string[] {
    const known = normalizeModuleName(name);
    return this.dependants(known).filter((other) => this.directDependencies(other)?.includes(known));
  }

  isBuiltin(name: string): boolean {
    return this.#builtins.has(normalizeModuleName(name));
  }

  /** What a built-in module says of itself. */
  builtinInfo(name: string): ModuleInfo | undefined {
    const known = normalizeModuleName(name);
    return (
      this.#builtinInfo().get(known) ??
      (this.#builtins.has(known) ? { name: known, entries: [], parameters: [] } : undefined)
    );
  }

  /**
   * What `modprobe -R NAME` prints on a system without configuration: the modules that a name, a modalias or
   * `symbol:NAME` stands for, in modprobe's order. The same module may come more than once.
   */
  resolve(name: string): string[] {
    return this.#lookup.find(name)?.map((found) => found.name) ?? [];
  }

  /** As depmod's modules.alias.bin tells it; a name is one of foldName's. */
  aliases(name: string): string[] {
    this.#aliases ??= this.#indexOf(parseModulesAlias(this.text('modules.alias')));
    return this.#aliases?.searchPatterns(name) ?? [];
  }

  /** As depmod's modules.builtin.alias.bin tells it. */
  builtinAliases(name: string): string[] {
    this.#builtinAliases ??= this.#indexOf(this.#aliasesOfBuiltins());
    return this.#builtinAliases?.searchPatterns(name) ?? [];
  }

  /** As depmod's modules.symbols.bin tells it. */
  symbols(name: string): string[] {
    this.#symbols ??= this.#indexOf(parseModulesAlias(this.text('modules.symbols')));
    return this.#symbols?.searchPatterns(name) ?? [];
  }

  /** The modules that export a symbol. */
  exportersOf(symbol: string): string[] {
    return this.symbols(`symbol:${symbol}`);
  }

  /** The patterns of a module, installed or built in. */
  aliasesOf(name: string): string[] {
    const builtin = this.builtinInfo(name);
    return [
      ...this.#patternsOf('modules.alias', name),
      ...(builtin === undefined ? [] : allValues(builtin, 'alias')),
    ];
  }

  /** The symbols that a module exports. */
  symbolsOf(name: string): string[] {
    return this.#patternsOf('modules.symbols', name).map((pattern) => pattern.replace(/^symbol:/, ''));
  }

  /** The patterns without ':' of all modules: names that a person may write (fs-ext4, char-major-10-*). */
  namesOfAliases(): string[] {
    return [...new Set(this.#patterns((text) => !text.includes(':')))];
  }

  /** The patterns with ':' that begin with a text, in any case; the first of them where they are many. */
  deviceAliases(prefix: string): string[] {
    const wanted = prefix.toLowerCase();
    const found = this.#patterns((text) => text.includes(':')).filter((pattern) =>
      pattern.toLowerCase().startsWith(wanted),
    );
    return [...new Set(found)].slice(0, MAX_DEVICE_ALIASES);
  }

  /** The lines of modules.softdep about a module. modprobe takes the first only, others take all. */
  softdeps(name: string): Softdep[] {
    const known = normalizeModuleName(name);
    return parseModulesSoftdep(this.text('modules.softdep')).filter(({ module }) => module === known);
  }

  /** What modules.weakdep says a module may load later. */
  weakdeps(name: string): string[] {
    const known = normalizeModuleName(name);
    return parseModulesWeakdep(this.text('modules.weakdep')).flatMap(({ module, names }) =>
      module === known ? names : [],
    );
  }

  /** What loads the module when it is opened. */
  deviceNodes(name: string): DeviceNode[] {
    const known = normalizeModuleName(name);
    return parseModulesDevname(this.text('modules.devname')).filter(({ module }) => module === known);
  }

  /** A file as it is. */
  text(file: TextFile): string {
    return this.#texts.get(file) ?? '';
  }

  /** Of installed and of built-in modules, by what their text holds: no module's name has a colon. */
  #patterns(isWanted: (text: string) => boolean): string[] {
    const installed = parseModulesAlias(this.text('modules.alias'), isWanted);
    const builtin = this.#aliasesOfBuiltins().filter(({ pattern }) => isWanted(pattern));
    return [...installed, ...builtin].map(({ pattern }) => pattern);
  }

  #builtinInfo(): ReadonlyMap<string, ModuleInfo> {
    return (this.#builtinInfos ??= parseModulesBuiltinModinfo(this.builtinModinfo));
  }

  #aliasesOfBuiltins(): ModuleAlias[] {
    return [...this.#builtinInfo()].flatMap(([module, info]) =>
      allValues(info, 'alias').map((pattern) => ({ pattern, module })),
    );
  }

  #indexOf(aliases: readonly ModuleAlias[]): ModuleIndex | undefined {
    const priorities = new Map(Array.from(this.#lines.keys(), (name, place) => [name, place]));
    const entries = aliases.flatMap(({ pattern, module }) => {
      const key = foldName(pattern);
      return key === undefined ? [] : [{ key, value: module, priority: priorities.get(module) ?? 0 }];
    });
    return ModuleIndex.open(buildIndex(entries));
  }

  #patternsOf(file: 'modules.alias' | 'modules.symbols', name: string): string[] {
    const text = this.text(file);
    // depmod writes names with `_`.
    const end = ` ${normalizeModuleName(name)}\n`;
    const patterns: string[] = [];
    for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) {
      const [alias] = parseModulesAlias(text.slice(text.lastIndexOf('\n', at) + 1, at + end.length));
      if (alias !== undefined) patterns.push(alias.pattern);
    }
    return patterns;
  }

  #invert(): ReadonlyMap<string, readonly string[]> {
    const dependants = new Map<string, string[]>();
    for (const [name, line] of this.#lines) {
      // Most modules of a kernel need no other.
      if (line.endsWith(':')) continue;
      for (const needed of new Set(this.dependencies(name))) {
        const others = dependants.get(needed);
        if (others === undefined) dependants.set(needed, [name]);
        else others.push(name);
      }
    }
    return dependants;
  }
}

/** All that depmod writes is ASCII, but for paths. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
