/**
 * Work in small parts: between two of them whoever drives it may do something else, so that no input from outside
 * holds up a process for long. What it returns, and throws, is the same however it is driven.
 */
export type Steps<T> = Generator<undefined, T>;

/** Does all of it now. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

type Result<T> = { readonly value: T } | { readonly error: unknown };

/** What is worked out when it is asked for first, and kept: also the error, so that no failure is repeated. */
export class Once<T> {
  #steps: Steps<T> | undefined;
  #result: Result<T> | undefined;

  constructor(private readonly work: () => Steps<T>) {}

  /** What is left to do, now. @throws what the work throws */
  get(): T {
    while (this.#result === undefined) this.#step();
    if ('error' in this.#result) throw this.#result.error;
    return this.#result.value;
  }

  /** What is left to do, in steps. An error is thrown where the result is asked for. */
  *prepare(): Steps<void> {
    // Others may go on with it between two steps.
    while (this.#result === undefined) {
      this.#step();
      yield;
    }
  }

  #step(): void {
    this.#steps ??= this.work();
    try {
      const step = this.#steps.next();
      if (step.done !== true) return;
      this.#result = { value: step.value };
    } catch (error) {
      this.#result = { error };
    }
    // It would keep all that it worked with.
    this.#steps = undefined;
  }
}

/** How much is sorted in one step: well below a millisecond. */
const PART = 512;

/** Sorts as Array.sort does; items that compare as equal keep their order. */
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let parts: T[][] = [];
  for (let start = 0; start < items.length; start += PART) {
    parts.push(items.slice(start, start + PART).sort(compare));
    yield;
  }
  while (parts.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < parts.length; index += 2) {
      merged.push(yield* merge(parts[index] ?? [], parts[index + 1] ?? [], compare));
    }
    parts = merged;
  }
  return parts[0] ?? [];
}

function* merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number): Steps<T[]> {
  if (right.length === 0) return left;
  const merged: T[] = [];
  let [fromLeft, fromRight] = [0, 0];
  while (fromLeft < left.length || fromRight < right.length) {
    const [a, b] = [left[fromLeft], right[fromRight]];
    if (b === undefined || (a !== undefined && compare(a, b) <= 0)) {
      merged.push(a as T);
      fromLeft++;
    } else {
      merged.push(b);
      fromRight++;
    }
    if (merged.length % PART === 0) yield;
  }
  return merged;
}
