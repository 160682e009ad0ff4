import type { Disposable } from './catalog';

/** One event without a value. */
export class Emitter {
  readonly #listeners = new Set<() => void>();

  readonly on = (listener: () => void): Disposable => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  fire(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
