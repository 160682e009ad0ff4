/** Where what passes a LogWindow goes. */
export interface LogOutput<T> {
  line(line: T): void;
  /** So many lines before the next one are not shown. */
  leftOut(count: number): void;
}

/** Lines that are shown in a second, and of a flood the last of each second. */
const SHOWN = 2000;
const LAST = 500;

/**
 * Lets the lines of a log through as long as they can be read and shown. Of a flood the last lines are kept and
 * shown each second, and at the end: what a kernel said before it died is among them.
 */
export class LogWindow<T> {
  #shown = 0;
  #count = 0;
  /** The last lines that were not shown, line n at n % LAST. */
  #held: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly output: LogOutput<T>) {}

  take(line: T): void {
    this.#timer ??= setTimeout(() => this.flush(), 1000);
    if (this.#shown < SHOWN) {
      this.#shown += 1;
      this.output.line(line);
    } else {
      this.#held[this.#count % LAST] = line;
      this.#count += 1;
    }
  }

  /** Shows the last lines now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [count, held] = [this.#count, this.#held];
    this.#shown = 0;
    this.#count = 0;
    this.#held = [];
    if (count > held.length) {
      this.output.leftOut(count - held.length);
    }
    const oldest = count > held.length ? count % LAST : 0;
    for (const line of [...held.slice(oldest), ...held.slice(0, oldest)]) {
      this.output.line(line);
    }
  }
}
