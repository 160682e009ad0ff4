/** Bytes of the line that a mark begins: a number stands behind it. */
export const MARKED_LINE = 1024;

/**
 * How many of the last bytes may be the beginning of the mark. Who holds back no more than these looks at each byte
 * of a stream once.
 */
export function beginningAtEnd(mark: Buffer, bytes: Buffer): number {
  let length = Math.min(mark.length - 1, bytes.length);
  while (!mark.subarray(0, length).equals(bytes.subarray(bytes.length - length))) {
    length -= 1;
  }
  return length;
}

/** What of a stream comes before the line of a mark, and what after it. */
export class MarkedLine {
  readonly #mark: Buffer;
  #held: Buffer = Buffer.alloc(0);

  /** @param onBefore is handed what comes before the line, as soon as it cannot be a part of the mark */
  constructor(
    mark: string,
    private readonly onBefore: (bytes: Buffer) => void,
  ) {
    this.#mark = Buffer.from(mark);
  }

  /** Undefined: the line is not whole yet. */
  push(chunk: Buffer): { readonly line: string; readonly after: Buffer } | undefined {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const start = bytes.indexOf(this.#mark);
    const end = start < 0 ? -1 : bytes.indexOf(0x0a, start);
    const isMark = start >= 0 && (end < 0 ? bytes.length : end) - start <= MARKED_LINE;
    const before = isMark ? start : bytes.length - (start >= 0 ? 0 : beginningAtEnd(this.#mark, bytes));
    this.#held = bytes.subarray(before);
    if (before > 0) {
      this.onBefore(bytes.subarray(0, before));
    }
    if (!isMark || end < 0) {
      return undefined;
    }
    this.#held = Buffer.alloc(0);
    return {
      line: bytes.toString('latin1', start + this.#mark.length, end),
      after: bytes.subarray(end + 1),
    };
  }

  /** What is held back: nothing more comes. */
  get rest(): Buffer {
    return this.#held;
  }
}
