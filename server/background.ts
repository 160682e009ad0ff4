/** Something that is looked into while it is read. */
export interface Reader {
  /** Waits for what is being read. @returns false: nothing is */
  catchUp(): Promise<boolean>;
}

/** Reading that goes on behind, for those who can wait for it. */
export class Background implements Reader {
  readonly #going = new Set<Promise<void>>();

  /** @param work its failure is told elsewhere */
  add(work: Promise<unknown>): void {
    const going = work.then(
      () => void this.#going.delete(going),
      () => void this.#going.delete(going),
    );
    this.#going.add(going);
  }

  async catchUp(): Promise<boolean> {
    if (this.#going.size === 0) return false;
    await Promise.all(this.#going);
    return true;
  }
}
