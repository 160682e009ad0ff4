/** Bytes that are read piece by piece, so that a module of 30 MB is never held as a whole. */
export interface ByteSource {
  /** The number of bytes. */
  readonly size: number;
  /**
   * Exactly these bytes. They are not to be changed, and belong to the source: what outlives it copies them.
   * @throws EndOfBytesError
   */
  read(offset: number, length: number): Uint8Array;
}

/** There are fewer bytes than were asked for: the file is shorter than it was, or than it says. */
export class EndOfBytesError extends Error {
  override readonly name = 'EndOfBytesError';

  constructor(
    readonly offset: number,
    readonly length: number,
    readonly size: number,
  ) {
    super(`bytes ${offset} to ${offset + length} were asked for, and there are ${size}`);
  }
}

/** Bytes that are in memory already. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      if (offset + length > bytes.length) throw new EndOfBytesError(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** The first bytes, or all there are: some sources are slow to tell their size. */
export function readStart(source: ByteSource, length: number): Uint8Array {
  try {
    return source.read(0, length);
  } catch (error) {
    if (error instanceof EndOfBytesError) return source.read(0, error.size);
    throw error;
  }
}

/** The same memory, with Buffer's functions. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Numbers in bytes, by an ELF file's class and byte order. */
export class FieldReader {
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #wide: boolean;

  constructor(bytes: Uint8Array, byteOrder: 'little' | 'big', bits: 32 | 64) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = byteOrder === 'little';
    this.#wide = bits === 64;
  }

  half(offset: number): number {
    return this.#view.getUint16(offset, this.#little);
  }

  word(offset: number): number {
    return this.#view.getUint32(offset, this.#little);
  }

  /** 4 or 8 bytes. Past 2^53 it is not exact, which no check minds: no file is that long. */
  address(offset: number): number {
    if (!this.#wide) return this.word(offset);
    const [high, low] = this.#little ? [offset + 4, offset] : [offset, offset + 4];
    return this.word(high) * 2 ** 32 + this.word(low);
  }

  setWord(offset: number, value: number): void {
    this.#view.setUint32(offset, value, this.#little);
  }

  setAddress(offset: number, value: number): void {
    if (this.#wide) {
      this.#view.setBigUint64(offset, BigInt(value), this.#little);
    } else {
      this.#view.setUint32(offset, value, this.#little);
    }
  }
}
