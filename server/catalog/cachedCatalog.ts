import { globMatcher, isGlob } from '../../kmod/config/glob';
import { foldName } from '../../kmod/config/parse';
import type { ModuleInfo } from '../../kmod/modinfo';
import { normalizeModuleName } from '../../kmod/name';
import {
  CatalogError,
  type Catalog,
  type FoundModule,
  type Logger,
  type ModuleSource,
  type ParameterNames,
  type Presence,
} from './catalog';
import { Background } from '../background';
import { describeError } from '../systemError';
import { Emitter } from './emitter';

interface Index {
  readonly names: readonly string[];
  /** No patterns. */
  readonly aliases: readonly string[];
  readonly modules: ReadonlySet<string>;
  /** undefined: the aliases are not known. */
  readonly isAlias: ((name: string) => boolean) | undefined;
}

/** By module; undefined: it is being read, could not be read, or there is none. */
type Facts<T> = Map<string, T | undefined>;

/** Reads a source once and remembers it. A failure is remembered too: only a new catalog asks again. */
export class CachedCatalog implements Catalog {
  readonly #changed = new Emitter();
  readonly #background = new Background();
  readonly onDidChange = this.#changed.on;
  #indexRead: Promise<Index> | undefined;
  #index: Index | undefined;
  readonly #infosRead = new Map<string, Promise<ModuleInfo | undefined>>();
  readonly #answers = new Map<string, Promise<readonly string[]>>();
  /** Of modules that were read; undefined: the source knows no such module. */
  readonly #infos = new Map<string, ModuleInfo | undefined>();
  readonly #dependants: Facts<readonly string[]> = new Map();
  readonly #fileNames: Facts<string> = new Map();
  readonly #parameters: Facts<ParameterNames> = new Map();

  constructor(
    private readonly source: ModuleSource,
    private readonly logger: Logger,
  ) {}

  get origin() {
    return this.source.origin;
  }

  peek(name: string): Presence {
    if (this.#index === undefined) {
      if (this.#indexRead === undefined) this.#inBackground(this.#readIndex());
      return 'pending';
    }
    const known = normalizeModuleName(name);
    if (this.#index.modules.has(known) || this.#infos.get(known) !== undefined) return 'module';
    if (this.#index.isAlias === undefined) return 'pending';
    if (this.#index.isAlias(known)) return 'alias';
    // A target may have modules that depmod never saw: one that was just built, or loaded by insmod.
    if (!this.#infosRead.has(known)) this.#inBackground(this.#readInfo(known));
    return this.#infos.has(known) ? 'absent' : 'pending';
  }

  peekInfo(name: string): ModuleInfo | undefined {
    const known = normalizeModuleName(name);
    if (!this.#infosRead.has(known) && this.peek(known) === 'module') {
      this.#inBackground(this.#readInfo(known));
    }
    return this.#infos.get(known);
  }

  peekDependants(name: string): readonly string[] | undefined {
    return this.#peekFact(this.#dependants, 'dependants', name, (known) => this.source.dependants(known));
  }

  peekFileName(name: string): string | undefined {
    return this.#peekFact(this.#fileNames, 'file name', name, (known) => this.source.fileName?.(known));
  }

  peekParameters(name: string): ParameterNames | undefined {
    const ask = async (known: string): Promise<ParameterNames> => {
      try {
        return (await this.source.parameters?.(known)) ?? 'untold';
      } catch (error) {
        this.logger.warn(
          `Only what modinfo lists is known of the parameters of ${known}: ${describeError(error)}`,
        );
        return 'untold';
      }
    };
    return this.#peekFact(this.#parameters, 'parameters', name, ask);
  }

  async names(signal: AbortSignal): Promise<readonly string[]> {
    return (await unlessAborted(this.#readIndex(), signal)).names;
  }

  async aliases(signal: AbortSignal): Promise<readonly string[]> {
    return (await unlessAborted(this.#readIndex(), signal)).aliases;
  }

  async resolve(alias: string, signal: AbortSignal): Promise<readonly string[]> {
    const known = normalizeModuleName(alias);
    return this.#asked(`alias ${known}`, () => this.source.resolve(known), signal);
  }

  async deviceAliases(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#asked(`aliases that begin with ${prefix}`, () => this.source.deviceAliases(prefix), signal);
  }

  async dependants(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const known = normalizeModuleName(name);
    return this.#asked(`dependants of ${known}`, () => this.source.dependants(known), signal);
  }

  async get(name: string, signal: AbortSignal): Promise<FoundModule | undefined> {
    const info = await unlessAborted(this.#readInfo(normalizeModuleName(name)), signal);
    return info && { info, origin: this.origin };
  }

  /** Waits for what a peek has begun to read. @returns false: nothing is read */
  catchUp(): Promise<boolean> {
    return this.#background.catchUp();
  }

  #readIndex(): Promise<Index> {
    return (this.#indexRead ??= this.#told('the list of modules', async () => {
      const { names, aliases } = await this.source.readIndex();
      this.#index = {
        names,
        aliases: aliases?.filter((alias) => !isGlob(alias)) ?? [],
        modules: new Set(names),
        isAlias: aliases && globMatcher(aliases.map((pattern) => foldName(pattern) ?? pattern)),
      };
      return this.#index;
    }));
  }

  #readInfo(name: string): Promise<ModuleInfo | undefined> {
    let read = this.#infosRead.get(name);
    if (read === undefined) {
      read = this.#told(name, async () => {
        const info = await this.source.readInfo(name);
        this.#infos.set(name, info);
        return info;
      });
      this.#infosRead.set(name, read);
    }
    return read;
  }

  /** @param ask undefined: the source does not tell */
  #peekFact<T>(
    facts: Facts<T>,
    what: string,
    name: string,
    ask: (name: string) => Promise<T | undefined> | undefined,
  ): T | undefined {
    const known = normalizeModuleName(name);
    if (!facts.has(known)) {
      const answer = ask(known);
      facts.set(known, undefined);
      if (answer !== undefined) {
        const read = this.#told(`${what} of ${known}`, async () => facts.set(known, await answer));
        this.#inBackground(read);
      }
    }
    return facts.get(known);
  }

  /** Asks the source a question once. */
  #asked(
    question: string,
    ask: () => Promise<readonly string[]>,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    let answer = this.#answers.get(question);
    if (answer === undefined) {
      answer = ask().catch((error: unknown) => {
        throw new CatalogError(question, this.origin, error);
      });
      this.#answers.set(question, answer);
    }
    return unlessAborted(answer, signal);
  }

  async #told<T>(what: string, read: () => Promise<T>): Promise<T> {
    try {
      const result = await read();
      this.#changed.fire();
      return result;
    } catch (error) {
      throw new CatalogError(what, this.origin, error);
    }
  }

  /** Whoever peeks does not wait, so nobody else would tell of a failure. */
  #inBackground(work: Promise<unknown>): void {
    this.#background.add(work);
    work.catch((error: unknown) => this.logger.error(describeError(error)));
  }
}

/** The work goes on for whoever else waits for it; only this wait ends. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return Promise.race([work, aborted(signal)]);
}

const aborting = new WeakMap<AbortSignal, Promise<never>>();

/** Fails when a signal is aborted. One for all that wait: a signal takes a square of the time for many listeners. */
function aborted(signal: AbortSignal): Promise<never> {
  let failing = aborting.get(signal);
  if (failing === undefined) {
    failing = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    failing.catch(() => undefined);
    aborting.set(signal, failing);
  }
  return failing;
}
