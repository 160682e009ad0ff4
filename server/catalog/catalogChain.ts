import type { ModuleInfo } from '../../kmod/modinfo';
import type { CatalogOrigin } from '../protocol';
import { CachedCatalog } from './cachedCatalog';
import type {
  Catalog,
  Disposable,
  FoundModule,
  Logger,
  ModuleSource,
  ParameterNames,
  Presence,
} from './catalog';
import { describeError } from '../systemError';
import { Emitter } from './emitter';
import { ModuleDirectory, type DirectoryChoice } from './moduleDirectory';
import { TargetModules, type SendRequest } from './targetCatalog';
import { WorkspaceModules } from './workspaceModules';

interface Current {
  readonly source: ModuleSource;
  readonly catalog: CachedCatalog;
  readonly subscription: Disposable;
}

interface Choice {
  readonly target: CatalogOrigin | undefined;
  readonly directory: DirectoryChoice;
}

/**
 * The one catalog of the server: the modules of the workspace, then those of the connected target, else of the
 * configured sysroot, else of this machine: a module that the target lacks is not looked up elsewhere.
 */
export class CatalogChain implements Catalog {
  readonly #changed = new Emitter();
  readonly onDidChange = this.#changed.on;
  readonly workspace: WorkspaceModules;
  #current: Current | undefined;
  #choice: Choice = { target: undefined, directory: { sysroot: '', release: '' } };
  /** Settled when the catalog that was last chosen is in place. */
  #ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly sendRequest: SendRequest,
    private readonly logger: Logger,
  ) {
    this.workspace = new WorkspaceModules(logger);
    this.workspace.onDidChange(() => this.#changed.fire());
  }

  get origin(): CatalogOrigin | undefined {
    return this.#current?.catalog.origin;
  }

  /** Makes the connected target the source, or the configured directory when there is none; all is read anew. */
  choose(choice: Partial<Choice>): void {
    const chosen = (this.#choice = { ...this.#choice, ...choice });
    this.#ready = this.#open(chosen).then((source) => {
      if (chosen === this.#choice) this.#replace(source);
    });
  }

  /** Reads anew if depmod ran since, or if nothing was found before. */
  async refreshIfStale(): Promise<void> {
    await this.#settled();
    if (this.#current === undefined || (await this.#current.source.isStale())) this.choose({});
  }

  peek(name: string): Presence {
    return this.workspace.has(name) ? 'module' : (this.#current?.catalog.peek(name) ?? 'pending');
  }

  peekInfo(name: string): ModuleInfo | undefined {
    return this.workspace.has(name) ? this.workspace.peekInfo(name) : this.#current?.catalog.peekInfo(name);
  }

  peekDependants(name: string): readonly string[] | undefined {
    return this.#current?.catalog.peekDependants(name);
  }

  peekFileName(name: string): string | undefined {
    return this.#current?.catalog.peekFileName(name);
  }

  peekParameters(name: string): ParameterNames | undefined {
    return this.workspace.has(name) ? 'untold' : this.#current?.catalog.peekParameters(name);
  }

  async names(signal: AbortSignal): Promise<readonly string[]> {
    await this.#settled();
    const names = (await this.#current?.catalog.names(signal)) ?? [];
    return [...new Set([...this.workspace.names(), ...names])];
  }

  async aliases(signal: AbortSignal): Promise<readonly string[]> {
    await this.#settled();
    return (await this.#current?.catalog.aliases(signal)) ?? [];
  }

  async resolve(alias: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.#settled();
    return (await this.#current?.catalog.resolve(alias, signal)) ?? [];
  }

  async deviceAliases(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.#settled();
    return (await this.#current?.catalog.deviceAliases(prefix, signal)) ?? [];
  }

  async dependants(name: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.#settled();
    return (await this.#current?.catalog.dependants(name, signal)) ?? [];
  }

  async get(name: string, signal: AbortSignal): Promise<FoundModule | undefined> {
    const own = await this.workspace.get(name);
    if (own !== undefined) return own;
    await this.#settled();
    return this.#current?.catalog.get(name, signal);
  }

  /** Waits for what a peek has begun to read. @returns false: nothing is read */
  async catchUp(): Promise<boolean> {
    const before = this.#current;
    await this.#settled();
    return this.#current !== before || ((await this.#current?.catalog.catchUp()) ?? false);
  }

  /** A choice may be made while an earlier one is still being opened: the last one counts. */
  async #settled(): Promise<void> {
    let ready: Promise<void>;
    do {
      ready = this.#ready;
      await ready;
    } while (ready !== this.#ready);
  }

  async #open({ target, directory }: Choice): Promise<ModuleSource | undefined> {
    if (target !== undefined) return new TargetModules(target, this.sendRequest);
    try {
      return await ModuleDirectory.open(directory);
    } catch (error) {
      this.logger.warn(`No module is known: ${describeError(error)}`);
      return undefined;
    }
  }

  #replace(source: ModuleSource | undefined): void {
    this.#current?.subscription.dispose();
    this.#current = undefined;
    if (source !== undefined) {
      const catalog = new CachedCatalog(source, this.logger);
      const subscription = catalog.onDidChange(() => this.#changed.fire());
      this.#current = { source, catalog, subscription };
    }
    this.#changed.fire();
  }
}
