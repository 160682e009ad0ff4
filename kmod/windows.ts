import { EndOfBytesError, type ByteSource } from './bytes';

/** The headers of most modules are read in two pieces, at the start and near the end of the file. */
const WINDOW = 16 << 10;
/** A table of names stands right before the section headers. */
const BEFORE = 4 << 10;

/** Some pieces of a file, held; others are read, with their surroundings, when they are asked for. */
export class Windows implements ByteSource {
  readonly #windows: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #size: number | undefined;

  /**
   * `askSize` is asked where the size matters and no piece has shown it.
   * `readPiece` gives fewer bytes at the end of the file.
   */
  constructor(
    private readonly askSize: () => number,
    private readonly readPiece: (offset: number, length: number) => Uint8Array,
  ) {}

  get size(): number {
    return (this.#size ??= this.askSize());
  }

  read(offset: number, length: number): Uint8Array {
    for (const window of this.#windows) {
      const start = offset - window.offset;
      if (start >= 0 && start + length <= window.bytes.length) {
        return window.bytes.subarray(start, start + length);
      }
    }
    // What a header says may be anything: before much is asked for, the size has to be known.
    if (this.#size === undefined && (length > WINDOW || !Number.isSafeInteger(offset)))
      this.#size = this.askSize();
    if (this.#size !== undefined && offset + length > this.#size) {
      throw new EndOfBytesError(offset, length, this.#size);
    }
    const first = Math.max(0, offset - BEFORE);
    const wanted = Math.min(Math.max(offset + length - first, WINDOW), (this.#size ?? Infinity) - first);
    const bytes = this.readPiece(first, wanted);
    this.add(first, bytes);
    if (bytes.length > 0 && bytes.length < wanted) this.#size = first + bytes.length;
    if (first + bytes.length < offset + length) throw new EndOfBytesError(offset, length, this.size);
    return bytes.subarray(offset - first, offset - first + length);
  }

  add(offset: number, bytes: Uint8Array): void {
    this.#windows.push({ offset, bytes });
  }
}
