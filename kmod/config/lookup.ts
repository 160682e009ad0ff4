import { BudgetError } from '../budget';
import { groupBy } from '../groupBy';
import type { ModuleTables } from '../tree/moduleTables';
import { toByteString } from '../text';
import { entriesOfKind, type Configuration, type ConfigurationEntry } from './configuration';
import type { GlobWork } from './glob';
import { foldName } from './parse';
import { MAX_STEPS, PatternIndex } from './patternIndex';

/** Where a name was found; each is asked only when all in front of it knew nothing. */
type Finding =
  | { readonly in: 'configuration'; readonly entry: ConfigurationEntry }
  | { readonly in: 'modules.dep' | 'modules.symbols' }
  | { readonly in: 'command'; readonly entry: ConfigurationEntry }
  | { readonly in: 'file'; readonly file: string }
  | { readonly in: 'modules.alias' | 'modules.builtin' | 'modules.builtin.alias' };

/** A module that a name stands for. It may have no file, and need not be built in. */
export interface FoundModule {
  readonly name: string;
  /** What modprobe calls the module's alias: the pattern of a configuration, or the name that was looked up. */
  readonly alias?: string;
  readonly finding: Finding;
}

type EntryIndex = PatternIndex<ConfigurationEntry>;
type EntriesByName = ReadonlyMap<string, readonly ConfigurationEntry[]>;

/**
 * What a name means, and which lines are about a module: the look-ups of libkmod.c and libkmod-module.c. Throws
 * BudgetError where the patterns of the configuration take more steps than those that anybody writes.
 */
export class ModuleLookup {
  readonly #aliases: EntryIndex;
  readonly #installs: EntryIndex;
  readonly #softdeps: EntryIndex;
  readonly #named: Readonly<Record<'install' | 'remove' | 'options' | 'blacklist', EntriesByName>>;
  readonly #optionRanks: ReadonlyMap<ConfigurationEntry, number>;
  readonly #work: GlobWork = { stepsLeft: MAX_STEPS };

  constructor(
    readonly configuration: Configuration,
    readonly tables: ModuleTables,
  ) {
    // modprobe runs in the C locale: `?` is one byte.
    const index = (entries: readonly ConfigurationEntry[]): EntryIndex =>
      new PatternIndex(entries, ({ name }) => toByteString(name), this.#work);
    const byName = (entries: readonly ConfigurationEntry[]): EntriesByName =>
      groupBy(entries, ({ name }) => name);
    const installs = entriesOfKind(configuration, 'install');
    const options = entriesOfKind(configuration, 'options');
    this.#optionRanks = new Map(options.map((entry, rank) => [entry, rank]));
    this.#aliases = index(entriesOfKind(configuration, 'alias'));
    this.#installs = index(installs);
    this.#softdeps = index(entriesOfKind(configuration, 'softdep'));
    this.#named = {
      install: byName(installs),
      remove: byName(entriesOfKind(configuration, 'remove')),
      options: byName(options),
      blacklist: byName(entriesOfKind(configuration, 'blacklist')),
    };
  }

  /**
   * The modules that a name, an alias or `symbol:NAME` stands for; none: it is unknown. An alias of an alias is
   * not followed. undefined: kmod fails, as a bracket in the name has no partner, or an alias line is too long.
   * kmod_module_new_from_lookup()
   */
  find(given: string): readonly FoundModule[] | undefined {
    const name = foldName(given);
    if (name === undefined) return undefined;
    const configured = this.#inConfiguration(name);
    if (configured.some(isTooLong)) return undefined;
    const sources = [
      () => configured,
      () => this.#inModulesDep(name),
      () => (name.startsWith('symbol:') ? this.#withAlias('modules.symbols', name) : []),
      () => this.#inCommands(name),
      () => this.#withAlias('modules.alias', name),
      () =>
        this.tables.isBuiltin(name)
          ? [{ name: moduleName(name), finding: { in: 'modules.builtin' } as const }]
          : [],
      () => this.#withAlias('modules.builtin.alias', name),
    ];
    for (const source of sources) {
      const found = source();
      if (found.length > 0) return found;
    }
    return [];
  }

  /** kmod's complaint of the first alias line for a name that is too long for it; undefined: none is. */
  tooLong(given: string): string | undefined {
    const name = foldName(given);
    if (name === undefined) return undefined;
    const line = this.#inConfiguration(name).find((found) => isTooLong(found));
    return line && `Could not create module for alias=${name} modname=${line.name}: File name too long`;
  }

  /** A module by its own name, whatever the configuration says; kmod_module_new_from_name_lookup() */
  findModule(given: string): FoundModule | undefined {
    const name = moduleName(given);
    const builtin = { name, finding: { in: 'modules.builtin' } } as const;
    return (
      this.#inModulesDep(name)[0] ??
      (this.tables.isBuiltin(name) ? builtin : this.#withAlias('modules.builtin.alias', name)[0])
    );
  }

  /** The options lines of a module, in kmod's order. kmod_module_get_options() */
  optionsOf(name: string, alias: string | undefined): readonly ConfigurationEntry[] {
    const options = this.#named.options;
    const ofName = options.get(name) ?? [];
    const ofAlias = alias === undefined || alias === name ? [] : (options.get(alias) ?? []);
    if (ofName.length === 0 || ofAlias.length === 0) return ofName.length === 0 ? ofAlias : ofName;
    const rank = (entry: ConfigurationEntry): number => this.#optionRanks.get(entry) ?? 0;
    return [...ofName, ...ofAlias].sort((a, b) => rank(a) - rank(b));
  }

  /** The only softdep line that counts for a module. */
  softdepOf(name: string): ConfigurationEntry | undefined {
    return this.#matching(this.#softdeps, name)[0];
  }

  /** The only install line that counts for a module. */
  installOf(name: string): ConfigurationEntry | undefined {
    return this.#matching(this.#installs, name)[0];
  }

  blacklistOf(name: string): ConfigurationEntry | undefined {
    return this.#named.blacklist.get(name)?.[0];
  }

  #matching(index: EntryIndex, name: string): readonly ConfigurationEntry[] {
    const found = index.matching(toByteString(name));
    if (this.#work.stepsLeft >= 0) return found;
    throw new BudgetError(
      `the patterns of the configuration take more than ${MAX_STEPS} steps, as nobody's do: nothing is looked up there`,
    );
  }

  #inConfiguration(name: string): FoundModule[] {
    return this.#matching(this.#aliases, name).map((entry) => ({
      name: entry.value,
      alias: entry.name,
      finding: { in: 'configuration', entry },
    }));
  }

  #inModulesDep(name: string): FoundModule[] {
    if (name.includes(':') || this.tables.line(name) === undefined) return [];
    return [{ name: moduleName(name), finding: { in: 'modules.dep' } }];
  }

  /** kmod_lookup_alias_from_commands(): here patterns match nothing but themselves. */
  #inCommands(name: string): FoundModule[] {
    const [entry] = this.#named.install.get(name) ?? this.#named.remove.get(name) ?? [];
    return entry === undefined ? [] : [{ name: moduleName(name), finding: { in: 'command', entry } }];
  }

  #withAlias(
    source: 'modules.symbols' | 'modules.alias' | 'modules.builtin.alias',
    alias: string,
  ): FoundModule[] {
    const names = {
      'modules.symbols': () => this.tables.symbols(alias),
      'modules.alias': () => this.tables.aliases(alias),
      'modules.builtin.alias': () => this.tables.builtinAliases(alias),
    }[source]();
    return names.map((name) => ({ name, alias, finding: { in: source } }));
  }
}

/** Of a path, in bytes. */
const PATH_MAX = 4096;

/** kmod_module_new_from_alias() */
function isTooLong({ name, alias = '' }: FoundModule): boolean {
  // No character takes less than a byte.
  if (name.length + alias.length + 2 > PATH_MAX) return true;
  return toByteString(name).length + toByteString(alias).length + 2 > PATH_MAX;
}

/** modname_normalize() in shared/util.c: a name ends at its first dot. */
export function moduleName(text: string): string {
  const dot = text.indexOf('.');
  return (dot < 0 ? text : text.slice(0, dot)).replaceAll('-', '_');
}
