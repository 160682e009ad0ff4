/** Milliseconds that work may hold the event loop. */
const SLICE_MS = 10;

/** Work that yields wherever it may pause. */
export type Sliced<T> = Generator<undefined, T>;

/** Does the work in slices, between which everything else goes on. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done === true) {
        return step.value;
      }
    } while (performance.now() < until);
    await new Promise(setImmediate);
  }
}

/** Does the work without a pause. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) {
      return step.value;
    }
  }
}
