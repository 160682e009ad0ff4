/** Tells listeners that something changed; what it is now, they ask. */
export class Emitter {
  readonly #listeners = new Set<() => void>();

  readonly event = (listener: () => void): { dispose(): void } => {
    const own = (): void => listener();
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
