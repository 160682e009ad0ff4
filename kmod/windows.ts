import { EndOfBytesError, type ByteSource } from './bytes';

/** The headers of most modules are read in two pieces, at the start and near the end of the file. */
const WINDOW = 16 << 10;
/** A table of names stands right before the section headers. */
const BEFORE = 4 << 10;

/** Some pieces of a file, held; others are read, with their surroundings, when they are asked for. */
export class Windows implements ByteSource {
  readonly #windows: { readonly offset: number; readonly bytes: Uint8Array }[] = [];

  constructor(
    readonly size: number,
    private readonly readPiece: (offset: number, length: number) => Uint8Array,
  ) {}

  read(offset: number, length: number): Uint8Array {
    if (offset + length > this.size) throw new EndOfBytesError(offset, length, this.size);
    for (const window of this.#windows) {
      const start = offset - window.offset;
      if (start >= 0 && start + length <= window.bytes.length) {
        return window.bytes.subarray(start, start + length);
      }
    }
    const first = Math.max(0, offset - BEFORE);
    const end = Math.min(this.size, Math.max(offset + length, first + WINDOW));
    const bytes = this.readPiece(first, end - first);
    if (bytes.length < end - first) throw new EndOfBytesError(first, end - first, first + bytes.length);
    this.add(first, bytes);
    return bytes.subarray(offset - first, offset - first + length);
  }

  add(offset: number, bytes: Uint8Array): void {
    this.#windows.push({ offset, bytes });
  }
}

/** Not an error, but how a reader that cannot wait says what it needs. */
class MissingPiece extends Error {
  constructor(
    readonly offset: number,
    readonly length: number,
  ) {
    super('not read yet');
  }
}

/**
 * Runs a reader over a file whose pieces come later: it is started anew when the piece that it lacked is there.
 * For readers that take few pieces.
 */
export async function readLater<T>(
  size: number,
  readPiece: (offset: number, length: number) => Promise<Uint8Array>,
  reader: (source: ByteSource) => T,
): Promise<T> {
  const windows = new Windows(size, (offset, length) => {
    throw new MissingPiece(offset, length);
  });
  for (;;) {
    try {
      return reader(windows);
    } catch (error) {
      if (!(error instanceof MissingPiece)) throw error;
      const bytes = await readPiece(error.offset, error.length);
      if (bytes.length < error.length) throw new EndOfBytesError(error.offset, error.length, size);
      windows.add(error.offset, bytes);
    }
  }
}
