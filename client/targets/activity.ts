/** What a connected target does. */
export type Activity =
  | { readonly kind: 'ready' }
  /** A command runs for a while already; `doing` says which, for a person. */
  | { readonly kind: 'busy'; readonly doing: string }
  /** It does not answer; the connection is given up if that goes on. */
  | { readonly kind: 'unresponsive' };

export interface ActivitySource {
  readonly current: Activity;
  onDidChange(listener: () => void): { dispose(): void };
}

/** Milliseconds: a command that is done sooner makes nobody wait, and is not told. */
const NOTICED_MS = 500;

const READY: Activity = { kind: 'ready' };

/** Tells what a target does, from the commands that run there and from its signs of life. */
export class ActivityMeter implements ActivitySource {
  #current: Activity = READY;
  #silent = false;
  /** What runs for longer than NOTICED_MS, the oldest first. */
  readonly #running = new Set<{ readonly doing: string }>();
  readonly #listeners = new Set<() => void>();

  get current(): Activity {
    return this.#current;
  }

  readonly onDidChange = (listener: () => void): { dispose(): void } => {
    const own = (): void => listener();
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  /** Follows a command to its end. */
  async during<T>(doing: string, command: Promise<T>): Promise<T> {
    const entry = { doing };
    const timer = setTimeout(() => {
      this.#running.add(entry);
      this.#update();
    }, NOTICED_MS);
    try {
      return await command;
    } finally {
      clearTimeout(timer);
      this.#running.delete(entry);
      this.#update();
    }
  }

  /** Whether it leaves a sign of life unanswered. */
  set silent(silent: boolean) {
    if (silent !== this.#silent) {
      this.#silent = silent;
      this.#update();
    }
  }

  #update(): void {
    const [oldest] = this.#running;
    const next: Activity = this.#silent
      ? { kind: 'unresponsive' }
      : oldest === undefined
        ? READY
        : { kind: 'busy', doing: oldest.doing };
    const same =
      next.kind === this.#current.kind &&
      (next.kind !== 'busy' || this.#current.kind !== 'busy' || next.doing === this.#current.doing);
    if (!same) {
      this.#current = next;
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }
}
