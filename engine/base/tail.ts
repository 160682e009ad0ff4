/** The end of a text that comes in pieces, in time and memory linear in their lengths. */
export class Tail {
  #text = '';

  /** @param limit Characters that are kept. */
  constructor(private readonly limit: number) {}

  push(piece: string): void {
    this.#text += piece;
    // V8 joins no strings before they are read, and each cut copies what is kept: so it is cut seldom.
    if (this.#text.length > 2 * this.limit) {
      this.#text = this.#text.slice(-this.limit);
    }
  }

  clear(): void {
    this.#text = '';
  }

  get text(): string {
    return this.#text.slice(-this.limit);
  }
}
