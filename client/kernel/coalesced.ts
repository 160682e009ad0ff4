/** A read that runs once at a time. */
export class CoalescedRead {
  #running: Promise<void> | undefined;
  #again = false;

  constructor(private readonly read: () => Promise<void>) {}

  /** Reads now. Calls during a read lead to one more after it, so that it sees what happened before the call. */
  run(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#untilSettled().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Joins a read that runs, or begins one. */
  join(): Promise<void> {
    return this.#running ?? this.run();
  }

  async #untilSettled(): Promise<void> {
    do {
      this.#again = false;
      await this.read();
    } while (this.#again);
  }
}
