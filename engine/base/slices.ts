import type { Steps } from '../../kmod/steps';

/** How long the process works before others have their turn: a person does not notice it. Milliseconds. */
const SLICE = 10;

/** Does work in slices, between which the event loop goes on. @throws what the work throws */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
