import type { Configuration } from '../config/configuration';
import { matchesGlob } from '../config/glob';
import { ModuleLookup } from '../config/lookup';
import { foldName } from '../config/parse';
import { NEWEST_KMOD } from '../config/versions';
import { allValues, type ModuleInfo } from '../modinfo';
import { moduleNameOfPath, normalizeModuleName } from '../name';
import { toByteString } from '../text';
import { parseDependencyLine, type DependencyLine, type ModuleTables } from './moduleTables';
import {
  parseModulesAlias,
  parseModulesBuiltin,
  parseModulesBuiltinModinfo,
  parseModulesSoftdep,
  type ModuleAlias,
  type Softdep,
} from './parse';

/** The files of depmod and of the kernel's build that a tree is read from. */
export const TREE_FILES = [
  'modules.dep',
  'modules.alias',
  'modules.symbols',
  'modules.softdep',
  'modules.weakdep',
  'modules.devname',
  'modules.builtin',
  'modules.builtin.modinfo',
] as const;

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
  /** The lines of modules.dep by module name, in depmod's order: the order in which aliases are resolved. */
  readonly #lines: ReadonlyMap<string, string>;
  readonly #builtins: ReadonlySet<string>;
  readonly #lookup = new ModuleLookup(NO_CONFIGURATION, this);
  #dependants: ReadonlyMap<string, readonly string[]> | undefined;
  #builtinInfos: ReadonlyMap<string, ModuleInfo> | undefined;
  #aliases: readonly ModuleAlias[] | undefined;

  private constructor(private readonly files: ReadonlyMap<TreeFile, Uint8Array>) {
    const lines = new Map<string, string>();
    for (const line of this.#text('modules.dep').split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) lines.set(moduleNameOfPath(line.slice(0, colon)), line);
    }
    this.#lines = lines;
    this.#builtins = parseModulesBuiltin(this.#text('modules.builtin'));
  }

  static of(bytesOf: (file: TreeFile) => Uint8Array | undefined): ModuleTree {
    return new ModuleTree(new Map(TREE_FILES.map((file) => [file, bytesOf(file) ?? new Uint8Array()])));
  }

  /** The modules that have a file, in depmod's order. */
  get names(): string[] {
    return [...this.#lines.keys()];
  }

  /** The modules that are part of the kernel image. */
  get builtinNames(): string[] {
    return [...new Set([...this.#builtins, ...this.#builtinInfo().keys()])];
  }

  /** modules.dep's path of a module's file: relative to /lib/modules/RELEASE, or absolute. */
  path(name: string): string | undefined {
    return this.line(name)?.path;
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

  /** The modules with a pattern that matches, best first: modules.alias. */
  aliases(name: string): string[] {
    const key = toByteString(name);
    return this.#aliasList()
      .filter(({ pattern }) => matchesGlob(foldName(pattern) ?? pattern, key))
      .map(({ module }) => module);
  }

  builtinAliases(name: string): string[] {
    const key = toByteString(name);
    return [...this.#builtinInfo()].flatMap(([module, info]) =>
      allValues(info, 'alias')
        .filter((pattern) => matchesGlob(foldName(pattern) ?? pattern, key))
        .map(() => module),
    );
  }

  symbols(name: string): string[] {
    return parseModulesAlias(this.#text('modules.symbols'))
      .filter(({ pattern }) => pattern === name)
      .map(({ module }) => module);
  }

  /** The patterns of a module, installed or built in. */
  aliasesOf(name: string): string[] {
    const known = normalizeModuleName(name);
    const builtin = this.#builtinInfo().get(known);
    return [
      ...this.#aliasList()
        .filter(({ module }) => module === known)
        .map(({ pattern }) => pattern),
      ...(builtin === undefined ? [] : allValues(builtin, 'alias')),
    ];
  }

  /** The patterns without ':' of all modules: names that a person may write (fs-ext4, char-major-10-*). */
  namesOfAliases(): string[] {
    return [...new Set(this.#patterns().filter((pattern) => !pattern.includes(':')))];
  }

  /** The patterns with ':' that begin with a text, in any case; the first of them where they are many. */
  deviceAliases(prefix: string): string[] {
    const wanted = prefix.toLowerCase();
    const found = this.#patterns().filter(
      (pattern) => pattern.includes(':') && pattern.toLowerCase().startsWith(wanted),
    );
    return [...new Set(found)].slice(0, MAX_DEVICE_ALIASES);
  }

  /** The symbols that a module exports. */
  symbolsOf(name: string): string[] {
    const known = normalizeModuleName(name);
    return parseModulesAlias(this.#text('modules.symbols'))
      .filter(({ module }) => module === known)
      .map(({ pattern }) => pattern.replace(/^symbol:/, ''));
  }

  /** The modules that export a symbol. */
  exportersOf(symbol: string): string[] {
    return this.symbols(`symbol:${symbol}`);
  }

  /**
   * What `modprobe -R NAME` prints on a system without configuration: the modules that a name, a modalias or
   * `symbol:NAME` stands for, in modprobe's order. The same module may come more than once.
   */
  resolve(name: string): string[] {
    return this.#lookup.find(name)?.map((found) => found.name) ?? [];
  }

  /** The lines of modules.softdep about a module. modprobe takes the first only, initramfs tools take all. */
  softdeps(name: string): Softdep[] {
    const known = normalizeModuleName(name);
    return parseModulesSoftdep(this.#text('modules.softdep')).filter(({ module }) => module === known);
  }

  #text(file: TreeFile): string {
    return Buffer.from(this.files.get(file) ?? []).toString('latin1');
  }

  #aliasList(): readonly ModuleAlias[] {
    return (this.#aliases ??= parseModulesAlias(this.#text('modules.alias')));
  }

  /** Of installed and of built-in modules. */
  #patterns(): string[] {
    return [
      ...this.#aliasList().map(({ pattern }) => pattern),
      ...[...this.#builtinInfo().values()].flatMap((info) => allValues(info, 'alias')),
    ];
  }

  #builtinInfo(): ReadonlyMap<string, ModuleInfo> {
    return (this.#builtinInfos ??= parseModulesBuiltinModinfo(
      this.files.get('modules.builtin.modinfo') ?? new Uint8Array(),
    ));
  }

  #invert(): ReadonlyMap<string, readonly string[]> {
    const dependants = new Map<string, string[]>();
    for (const name of this.#lines.keys()) {
      for (const needed of new Set(this.dependencies(name))) {
        const others = dependants.get(needed);
        if (others === undefined) dependants.set(needed, [name]);
        else others.push(name);
      }
    }
    return dependants;
  }
}
