import { ConnectError } from './errors';
import type { TargetFacts } from './target';

/** Milliseconds before each attempt to reach a target again; the last goes on. */
export const RECONNECT_DELAYS: readonly number[] = [1000, 2000, 4000, 8000, 15_000, 30_000];

/** A target that was told to reboot may answer for so long before it goes down, milliseconds. */
const GOING_DOWN_MS = 120_000;

/** A connection that is gone and shall be made again. */
export class Comeback {
  readonly #since = performance.now();
  #over = false;
  #wake: () => void = () => undefined;

  constructor(
    /** Why the connection is gone. */
    readonly error: Error,
    /** What the target was. */
    readonly facts: TargetFacts,
    /** It was told to reboot. */
    readonly reboot: boolean,
  ) {}

  get over(): boolean {
    return this.#over;
  }

  /** Ends after `ms`, or sooner at wake() or end(). */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  /**
   * Whether the target is the boot that was lost.
   * @throws Error when it was told to reboot and has not gone down yet
   */
  compare(now: TargetFacts): Return {
    const [before, after] = [this.facts.bootId, now.bootId];
    const rebooted = before === undefined || after === undefined ? undefined : before !== after;
    if (this.reboot && rebooted === false && performance.now() - this.#since < GOING_DOWN_MS) {
      throw new Error('it has not gone down yet');
    }
    return { error: this.error, rebooted };
  }
}

/** How a target came back. */
export interface Return {
  /** Why the connection before was lost. */
  readonly error: Error;
  /** By its boot id; undefined: the target does not tell it. */
  readonly rebooted: boolean | undefined;
}

/** Whether trying again may help: not where a person has to change something first. */
export function mayPass(error: Error): boolean {
  return !(
    error instanceof ConnectError &&
    ['hostKey', 'authentication', 'configuration', 'start'].includes(error.kind)
  );
}
