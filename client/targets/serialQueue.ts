import { orAborted } from './abort';

/** Runs tasks one after the other, in the order of the calls. */
export class SerialQueue {
  #tail: Promise<void> = Promise.resolve();

  /**
   * Runs the task when its turn comes. Its turn ends when it settles, or earlier when it calls `release`.
   * Rejects with a signal's reason, and never starts the task, when one aborts before the turn.
   */
  async run<T>(
    task: (release: () => void) => Promise<T>,
    ...signals: (AbortSignal | undefined)[]
  ): Promise<T> {
    const previous = this.#tail;
    let release = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#tail = previous.then(() => turn);
    try {
      await orAborted(previous, ...signals);
      return await task(release);
    } finally {
      release();
    }
  }
}
