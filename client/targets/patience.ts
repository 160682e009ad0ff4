import { askWhile } from './abort';

/** A clock that runs while a server owes an answer, and stands still while a person is asked. */
export class Patience {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    /** For each answer, milliseconds. */
    private readonly limit: number,
    private readonly signal: AbortSignal,
    private readonly over: () => void,
  ) {}

  /** The server has the whole limit again. */
  restart(): void {
    clearTimeout(this.#timer);
    if (!this.signal.aborted) {
      this.#timer = setTimeout(this.over, this.limit);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async whileAsked<T>(question: Promise<T>): Promise<T> {
    this.stop();
    try {
      return await askWhile(() => question, this.signal);
    } finally {
      this.restart();
    }
  }
}
