/** Who is told of something, in the order in which they came. */
export class Listeners<T extends unknown[]> {
  readonly #all = new Set<(...told: T) => void>();

  readonly add = (listener: (...told: T) => void): { dispose(): void } => {
    const own = (...told: T): void => listener(...told);
    this.#all.add(own);
    return { dispose: () => this.#all.delete(own) };
  };

  tell(...told: T): void {
    for (const listener of [...this.#all]) {
      listener(...told);
    }
  }
}
