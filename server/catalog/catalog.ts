import type { ModuleInfo } from '../../kmod/modinfo';
import type { CatalogOrigin } from '../protocol';
import { describeError } from '../systemError';

/** What is known of a name: a module, an alias of one, neither; or 'pending': nothing is known (yet). */
export type Presence = 'module' | 'alias' | 'absent' | 'pending';

export interface Disposable {
  dispose(): void;
}

/**
 * What never waits: an answer that is lacking is read behind, and onDidChange of the catalog tells when it is there.
 * undefined: it is not known (yet). The same answer is the same object.
 */
export interface Peeks {
  peek(name: string): Presence;
  /** A module's own facts. */
  peekInfo(name: string): ModuleInfo | undefined;
  /** The modules that depend on a module, not those that depend on these. */
  peekDependants(name: string): readonly string[] | undefined;
  /** What a module's file is called, without `.ko`: with `-` where it has one. */
  peekFileName(name: string): string | undefined;
  /** The names of all parameters of a module, with `_`, those without a type included, which modinfo does not list. */
  peekParameters(name: string): ParameterNames | undefined;
}

/** 'untold': what modinfo lists is all that can be known. */
export type ParameterNames = ReadonlySet<string> | 'untold';

/** The modules of one kernel, as the language service asks for them. Names may be written with `-` or `_`. */
export interface Catalog extends Peeks {
  /** Whose modules these are; undefined: there is no source. */
  readonly origin: CatalogOrigin | undefined;
  /** The names of all modules, with `_`. @throws CatalogError, the signal's reason */
  names(signal: AbortSignal): Promise<readonly string[]>;
  /** The names of aliases that modules bring and that a person may write; no patterns. @throws CatalogError, the signal's reason */
  aliases(signal: AbortSignal): Promise<readonly string[]>;
  /** The aliases of devices, which are patterns with a colon, that begin with a text; not all where these are many. @throws CatalogError, the signal's reason */
  deviceAliases(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The modules that an alias of modules stands for, in modprobe's order. @throws CatalogError, the signal's reason */
  resolve(alias: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The modules that depend on a module, not those that depend on these. @throws CatalogError, the signal's reason */
  dependants(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** undefined: there is no such module. @throws CatalogError, the signal's reason */
  get(name: string, signal: AbortSignal): Promise<FoundModule | undefined>;
  onDidChange(listener: () => void): Disposable;
}

/** A source could not be read. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  constructor(what: string, { label, release }: CatalogOrigin, cause: unknown) {
    super(`cannot read ${what} of ${label} (kernel ${release}): ${describeError(cause)}`, { cause });
  }
}

/** A module, and whose it is: a catalog may turn to another target at any time. */
export interface FoundModule {
  readonly info: ModuleInfo;
  readonly origin: CatalogOrigin;
}

export interface ModuleIndex {
  /** With `_`. */
  readonly names: readonly string[];
  /** Patterns without ':'; undefined: not known. */
  readonly aliases: readonly string[] | undefined;
}

/** Where the facts of a catalog are read. Nothing is kept here: CachedCatalog does that. */
export interface ModuleSource {
  readonly origin: CatalogOrigin;
  readIndex(): Promise<ModuleIndex>;
  readInfo(name: string): Promise<ModuleInfo | undefined>;
  /** The modules that an alias stands for, in modprobe's order. */
  resolve(alias: string): Promise<readonly string[]>;
  /** The modules that depend on a module, not those that depend on these. */
  dependants(name: string): Promise<readonly string[]>;
  /** The aliases with a colon that begin with a text; not all where these are many. */
  deviceAliases(prefix: string): Promise<readonly string[]>;
  /** What a module's file is called, without `.ko`. Left out: the source does not tell. */
  fileName?(name: string): Promise<string | undefined>;
  /** The names of all parameters, with `_`; undefined: the file does not tell. Left out: the source does not. */
  parameters?(name: string): Promise<ReadonlySet<string> | undefined>;
  /** Has the source changed since it was read? A source that is told of changes never says so. */
  isStale(): Promise<boolean>;
}

export interface Logger {
  warn(message: string): void;
  error(message: string): void;
}
