import { vi } from 'vitest';

/** How long the workbench may take to show what a step waits for, in milliseconds. */
export const LIMIT = 120_000;

/** How long one attempt at a step waits before the next one. */
export const STEP = { timeout: 5000 };

/** Makes an attempt, and another one while it fails: each of them must do no harm after the one before it. */
export function again<T>(attempt: () => Promise<T>): Promise<T> {
  return vi.waitFor(attempt, { timeout: LIMIT, interval: 200 });
}
