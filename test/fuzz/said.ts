import type { Reader } from './reader';

/** The exit code of the process that reads where the fault is its own, and no reader's. */
export const HARNESS_FAILED = 9;

/** The exit code of the process that reads where a reader waits for what never comes. */
export const STUCK = 4;

/** What one input of a reader may cost. */
export interface Limits {
  readonly bytes: number;
  readonly milliseconds: number;
  readonly mebibytes: number;
}

export const limitsOf = ({ maxBytes, maxMilliseconds, maxMebibytes }: Reader): Limits => ({
  bytes: maxBytes ?? 256 << 10,
  milliseconds: maxMilliseconds ?? 2000,
  mebibytes: maxMebibytes ?? 256,
});

/**
 * What is wrong with a reader, by one input. `growth`: it takes much more than twice the time for twice the input.
 * `killed`: it went so far beyond a limit that the process was ended, or died of it.
 */
export interface Found {
  readonly kind: 'error' | 'slow' | 'growth' | 'memory' | 'killed';
  readonly message: string;
  /** "kmod/kbuild.ts:25 expand" */
  readonly where: string;
  readonly milliseconds: number;
  readonly mebibytes: number;
  /** The input in base64, where it is another than the one that was begun with. */
  readonly input?: string;
}

/** What the process that reads says, a line of JSON for each. */
export type Said =
  | { readonly kind: 'begin'; readonly index: number; readonly size: number; readonly cpu: number }
  | {
      readonly kind: 'end';
      readonly index: number;
      readonly size: number;
      readonly bytes: number;
      readonly milliseconds: number;
      readonly mebibytes: number;
    }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'where'; readonly where: string };
