import type { Configuration } from '../config/configuration';
import { ModuleLookup } from '../config/lookup';
import { foldName } from '../config/parse';
import { NEWEST_KMOD } from '../config/versions';
import { allValues, type ModuleInfo } from '../modinfo';
import { moduleNameOfPath, normalizeModuleName } from '../name';
import { Once, finish, type Steps } from '../steps';
import { indexInSteps, type IndexEntry } from './buildIndex';
import { DependencyGraph } from './dependencyGraph';
import { ModuleIndex } from './moduleIndex';
import { parseDependencyLine, type DependencyLine, type ModuleTables } from './moduleTables';
import {
  parseModulesAlias,
  parseModulesDevname,
  parseModulesSoftdep,
  parseModulesWeakdep,
  readModulesAlias,
  readModulesBuiltin,
  readModulesBuiltinModinfo,
  readModulesDep,
  type DeviceNode,
  type ModuleAlias,
  type Softdep,
} from './parse';
import { readTreeFiles, readTreeTexts, type TextFile, type TreeFile } from './treeFiles';

/** How many aliases are taken in one step. */
const ALIASES_A_STEP = 256;

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
 *
 * Files that are larger than any kernel's are refused. What is worked out of them is worked out once, also where that
 * fails: the same error comes at once whenever it is asked for.
 */
export class ModuleTree implements ModuleTables {
  readonly #lookup = new ModuleLookup(NO_CONFIGURATION, this);
  readonly #graph = new Once(() => DependencyGraph.build(this.lines));
  readonly #aliases = new Once(() => this.#index(readModulesAlias(this.text('modules.alias'))));
  readonly #symbols = new Once(() => this.#index(readModulesAlias(this.text('modules.symbols'))));
  readonly #builtinAliases = new Once(() => this.#index(this.#aliasesOfBuiltins()));
  readonly #softdeps = new Once(() => byModule(parseModulesSoftdep(this.text('modules.softdep'))));
  readonly #weakdeps = new Once(() => byModule(parseModulesWeakdep(this.text('modules.weakdep'))));
  readonly #deviceNodes = new Once(() => byModule(parseModulesDevname(this.text('modules.devname'))));

  /**
   * @param lines those of modules.dep by module name, in depmod's order: the order in which aliases are resolved
   * @param builtins the paths of modules.builtin by module name
   * @param builtinInfos what modules.builtin.modinfo tells, by module name
   */
  private constructor(
    private readonly texts: ReadonlyMap<TextFile, string>,
    private readonly lines: ReadonlyMap<string, string>,
    private readonly builtins: ReadonlyMap<string, string>,
    private readonly builtinInfos: ReadonlyMap<string, ModuleInfo>,
  ) {}

  /** @throws BudgetError */
  static of(bytesOf: (file: TreeFile) => Uint8Array | undefined): ModuleTree {
    return finish(ModuleTree.inSteps(bytesOf));
  }

  /** The same in steps. */
  static *inSteps(bytesOf: (file: TreeFile) => Uint8Array | undefined): Steps<ModuleTree> {
    const { texts, builtinModinfo } = yield* readTreeTexts(bytesOf);
    const lines = yield* readModulesDep(texts.get('modules.dep') ?? '');
    const builtins = yield* readModulesBuiltin(texts.get('modules.builtin') ?? '');
    const infos = yield* readModulesBuiltinModinfo(builtinModinfo);
    return new ModuleTree(texts, lines, builtins, infos);
  }

  /**
   * @param read the bytes of a file; undefined: there is none
   * @throws BudgetError
   */
  static async read(read: (file: TreeFile) => Promise<Uint8Array | undefined>): Promise<ModuleTree> {
    const files = await readTreeFiles(read);
    return ModuleTree.of((file) => files.get(file));
  }

  /**
   * Works out, in steps, all that is worked out but once, so that no answer takes long. An error is thrown where the
   * answer is asked for.
   */
  *prepare(): Steps<void> {
    yield* this.prepareGraph();
    yield* this.prepareLookup();
    yield* this.#softdeps.prepare();
    yield* this.#weakdeps.prepare();
    yield* this.#deviceNodes.prepare();
  }

  /** What resolve() looks aliases and symbols up in. */
  *prepareLookup(): Steps<void> {
    yield* this.#aliases.prepare();
    yield* this.#symbols.prepare();
    yield* this.#builtinAliases.prepare();
  }

  /** Who needs whom. */
  prepareGraph(): Steps<void> {
    return this.#graph.prepare();
  }

  /** The modules that have a file, in depmod's order. */
  get names(): string[] {
    return [...this.lines.keys()];
  }

  /** The modules that are part of the kernel image, those that could not be left out included. */
  get builtinNames(): string[] {
    return [...new Set([...this.builtins.keys(), ...this.builtinInfos.keys()])];
  }

  /** modules.dep's path of a module's file: relative to /lib/modules/RELEASE, or absolute. */
  path(name: string): string | undefined {
    const line = this.lines.get(normalizeModuleName(name));
    return line?.slice(0, line.indexOf(':'));
  }

  /** Where the file of a built-in module would be, if it were none: `kernel/net/unix/unix.ko`. */
  builtinPath(name: string): string | undefined {
    return this.builtins.get(normalizeModuleName(name));
  }

  line(name: string): DependencyLine | undefined {
    return parseDependencyLine(this.lines.get(normalizeModuleName(name)));
  }

  /** All modules that a module needs, in the order in which modprobe inserts them; undefined: no such module. */
  dependencies(name: string): string[] | undefined {
    return this.line(name)?.dependencies.map(moduleNameOfPath).reverse();
  }

  /** The dependencies that no other dependency of the module brings: the edges of a graph. @throws BudgetError */
  directDependencies(name: string): readonly string[] | undefined {
    const known = normalizeModuleName(name);
    return this.lines.has(known) ? this.#graph.get().directDependencies(known) : undefined;
  }

  /** The modules that need a module, directly or not, in depmod's order. @throws BudgetError */
  dependants(name: string): readonly string[] {
    return this.#graph.get().dependants(normalizeModuleName(name));
  }

  /** The modules that need a module for nothing but itself: the edges of a graph. @throws BudgetError */
  directDependants(name: string): string[] {
    return this.#graph.get().directDependants(normalizeModuleName(name));
  }

  isBuiltin(name: string): boolean {
    return this.builtins.has(normalizeModuleName(name));
  }

  /** What a built-in module says of itself. */
  builtinInfo(name: string): ModuleInfo | undefined {
    const known = normalizeModuleName(name);
    return (
      this.builtinInfos.get(known) ??
      (this.builtins.has(known) ? { name: known, entries: [], parameters: [] } : undefined)
    );
  }

  /**
   * What `modprobe -R NAME` prints on a system without configuration: the modules that a name, a modalias or
   * `symbol:NAME` stands for, in modprobe's order. The same module may come more than once.
   * @throws BudgetError, as all do that look aliases and symbols up
   */
  resolve(name: string): string[] {
    return this.#lookup.find(name)?.map((found) => found.name) ?? [];
  }

  /** As depmod's modules.alias.bin tells it; a name is one of foldName's. */
  aliases(name: string): string[] {
    return this.#aliases.get()?.searchPatterns(name) ?? [];
  }

  /** As depmod's modules.builtin.alias.bin tells it. */
  builtinAliases(name: string): string[] {
    return this.#builtinAliases.get()?.searchPatterns(name) ?? [];
  }

  /** As depmod's modules.symbols.bin tells it. */
  symbols(name: string): string[] {
    return this.#symbols.get()?.searchPatterns(name) ?? [];
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

  /** In steps: the patterns without ':' of all modules, names that a person may write (fs-ext4, char-major-10-*). */
  *namesOfAliases(): Steps<string[]> {
    return yield* this.#patterns((text) => !text.includes(':'));
  }

  /** In steps: the patterns with ':' that begin with a text, in any case; the first of them where they are many. */
  *deviceAliases(prefix: string): Steps<string[]> {
    const wanted = prefix.toLowerCase();
    const begins = ({ pattern }: ModuleAlias) => pattern.toLowerCase().startsWith(wanted);
    const may = (text: string) => text.includes(':') && text.toLowerCase().includes(wanted);
    return (yield* this.#patterns(may, begins)).slice(0, MAX_DEVICE_ALIASES);
  }

  /** The lines of modules.softdep about a module. modprobe takes the first only, others take all. */
  softdeps(name: string): readonly Softdep[] {
    return this.#softdeps.get().get(normalizeModuleName(name)) ?? [];
  }

  /** What modules.weakdep says a module may load later. */
  weakdeps(name: string): string[] {
    return (this.#weakdeps.get().get(normalizeModuleName(name)) ?? []).flatMap(({ names }) => names);
  }

  /** What loads the module when it is opened. */
  deviceNodes(name: string): readonly DeviceNode[] {
    return this.#deviceNodes.get().get(normalizeModuleName(name)) ?? [];
  }

  /** A file as it is. */
  text(file: TextFile): string {
    return this.texts.get(file) ?? '';
  }

  /**
   * Of installed and of built-in modules, each once.
   * @param isWanted of their text, which may be a whole line: no module's name has a colon
   */
  *#patterns(
    isWanted: (text: string) => boolean,
    counts: (alias: ModuleAlias) => boolean = () => true,
  ): Steps<string[]> {
    const found = new Set<string>();
    const installed = yield* readModulesAlias(this.text('modules.alias'), isWanted);
    const builtin = (yield* this.#aliasesOfBuiltins()).filter(({ pattern }) => isWanted(pattern));
    let count = 0;
    for (const alias of [...installed, ...builtin]) {
      if (counts(alias)) found.add(alias.pattern);
      if (++count % ALIASES_A_STEP === 0) yield;
    }
    return [...found];
  }

  *#aliasesOfBuiltins(): Steps<ModuleAlias[]> {
    const aliases: ModuleAlias[] = [];
    let count = 0;
    for (const [module, info] of this.builtinInfos) {
      for (const pattern of allValues(info, 'alias')) aliases.push({ pattern, module });
      if (++count % ALIASES_A_STEP === 0) yield;
    }
    return aliases;
  }

  *#index(reading: Steps<readonly ModuleAlias[]>): Steps<ModuleIndex | undefined> {
    const aliases = yield* reading;
    const priorities = new Map(Array.from(this.lines.keys(), (name, place) => [name, place]));
    const entries: IndexEntry[] = [];
    let count = 0;
    for (const { pattern, module } of aliases) {
      const key = foldName(pattern);
      if (key !== undefined) entries.push({ key, value: module, priority: priorities.get(module) ?? 0 });
      if (++count % ALIASES_A_STEP === 0) yield;
    }
    return ModuleIndex.open(yield* indexInSteps(entries));
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
}

/** What lines tell, by the module that they are about. */
function* byModule<T extends { readonly module: string }>(
  lines: Iterable<T>,
): Steps<ReadonlyMap<string, readonly T[]>> {
  const found = new Map<string, T[]>();
  let count = 0;
  for (const line of lines) {
    const known = found.get(line.module);
    if (known === undefined) found.set(line.module, [line]);
    else known.push(line);
    if (++count % ALIASES_A_STEP === 0) yield;
  }
  return found;
}
