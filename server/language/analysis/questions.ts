import type { ConfigNode } from '../../../kmod/config/syntax';

const NOBODY: ReadonlySet<ConfigNode> = new Set();

/** Which lines were checked with which names in mind. */
export class Questions {
  readonly #askers = new Map<string, Set<ConfigNode>>();
  readonly #names = new Map<ConfigNode, readonly string[]>();

  /** All that a line asks about, in the place of what it asked about before. */
  set(node: ConfigNode, names: readonly string[]): void {
    for (const name of this.#names.get(node) ?? []) {
      const askers = this.#askers.get(name);
      askers?.delete(node);
      if (askers?.size === 0) this.#askers.delete(name);
    }
    if (names.length === 0) this.#names.delete(node);
    else this.#names.set(node, names);
    for (const name of names) {
      const askers = this.#askers.get(name);
      if (askers === undefined) this.#askers.set(name, new Set([node]));
      else askers.add(node);
    }
  }

  askersOf(name: string): ReadonlySet<ConfigNode> {
    return this.#askers.get(name) ?? NOBODY;
  }

  names(): Iterable<string> {
    return this.#askers.keys();
  }
}
