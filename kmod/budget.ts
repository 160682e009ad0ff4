/** A reader was asked for more work than any honest input needs. */
export class BudgetError extends Error {
  override name = 'BudgetError';
}

/**
 * Counts what a reader does or allocates for one input from outside, so that no input costs more than it should:
 * whoever made the input chooses what is counted, never how much of it is done.
 */
export class Budget {
  #left: number;

  /**
   * @param limit In the units that are spent: bytes, steps, entries.
   * @param exceeded The error's message: what the input asked for, and the limit.
   */
  constructor(
    private readonly limit: number,
    private readonly exceeded: string,
  ) {
    this.#left = limit;
  }

  /** Counts before the work is done. @throws BudgetError */
  spend(amount = 1): void {
    this.#left -= amount;
    if (this.#left < 0) {
      throw new BudgetError(this.exceeded);
    }
  }

  /** Adds what one more question may cost, up to the limit. A budget that was exceeded stays so. */
  refill(amount: number): void {
    if (this.#left >= 0) this.#left = Math.min(this.limit, this.#left + amount);
  }
}
