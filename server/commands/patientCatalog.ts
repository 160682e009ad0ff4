import type { ModuleInfo } from '../../kmod/modinfo';
import type { Catalog, Presence } from '../catalog/catalog';

/** A catalog for those who can wait: it notes what was asked of it in vain, and reads that when it is told to. */
export class PatientCatalog implements Catalog {
  readonly #asked = new Set<string>();
  readonly #unread = new Set<string>();
  readonly onDidChange: Catalog['onDidChange'] = (listener) => this.catalog.onDidChange(listener);
  readonly names: Catalog['names'] = (signal) => this.catalog.names(signal);
  readonly aliases: Catalog['aliases'] = (signal) => this.catalog.aliases(signal);
  readonly deviceAliases: Catalog['deviceAliases'] = (prefix, signal) =>
    this.catalog.deviceAliases(prefix, signal);
  readonly resolve: Catalog['resolve'] = (alias, signal) => this.catalog.resolve(alias, signal);
  readonly dependants: Catalog['dependants'] = (name, signal) => this.catalog.dependants(name, signal);
  readonly get: Catalog['get'] = (name, signal) => this.catalog.get(name, signal);

  constructor(private readonly catalog: Catalog) {}

  get origin() {
    return this.catalog.origin;
  }

  peek(name: string): Presence {
    const presence = this.catalog.peek(name);
    if (presence === 'pending') this.#note(name);
    return presence;
  }

  peekInfo(name: string): ModuleInfo | undefined {
    const info = this.catalog.peekInfo(name);
    if (info === undefined) this.#note(name);
    return info;
  }

  /** @returns false: nothing was lacking since the last time */
  async catchUp(): Promise<boolean> {
    const names = [...this.#unread];
    this.#unread.clear();
    // Whoever reads in the background tells of failures. One signal for all would warn of a leak.
    await Promise.allSettled(names.map((name) => this.catalog.get(name, new AbortController().signal)));
    return names.length > 0;
  }

  #note(name: string): void {
    if (this.#asked.has(name)) return;
    this.#asked.add(name);
    this.#unread.add(name);
  }
}
