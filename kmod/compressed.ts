import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readStart, type ByteSource } from './bytes';
import { checkZstd } from './zstd';

/** A compressed file is damaged, or its content is larger than allowed. */
export class CompressedError extends Error {
  override readonly name = 'CompressedError';
}

export interface DecompressOptions {
  /** The most bytes that may come out; unless told, 64 times what goes in, or a mebibyte, and 256 MiB at most. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 << 20;

/** Modules are packed to a third, and with debugging information to a tenth: what grows by more is made to. */
const MAX_RATIO = 64;
const MIN_LIMIT = 1 << 20;

function limitFor(packed: number): number {
  return Math.min(Math.max(packed * MAX_RATIO, MIN_LIMIT), MAX_BYTES);
}

const MAGIC = {
  gzip: Buffer.of(0x1f, 0x8b),
  xz: Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
  zstd: Buffer.of(0x28, 0xb5, 0x2f, 0xfd),
} as const;

const READERS: Readonly<
  Record<keyof typeof MAGIC, (bytes: Uint8Array, maxBytes: number) => Promise<Uint8Array>>
> = { gzip: readGzip, xz: readXz, zstd: readZstd };

/**
 * What a gzip, xz or zstd file holds; other bytes come back as they are. The first bytes tell, not the name.
 * @throws CompressedError
 */
export async function decompress(bytes: Uint8Array, options: DecompressOptions = {}): Promise<Uint8Array> {
  const format = compressionOf(bytes);
  if (format === undefined) {
    return bytes;
  }
  try {
    return await READERS[format](bytes, options.maxBytes ?? limitFor(bytes.length));
  } catch (error) {
    if (error instanceof CompressedError) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new CompressedError(`damaged ${format} file: ${reason}`, { cause: error });
  }
}

/** Whether decompress() would find more in a file than its bytes. */
export function isCompressed(source: ByteSource): boolean {
  return compressionOf(readStart(source, MAGIC.xz.length)) !== undefined;
}

function compressionOf(bytes: Uint8Array): keyof typeof MAGIC | undefined {
  const names = ['gzip', 'xz', 'zstd'] as const;
  return names.find((name) => MAGIC[name].equals(bytes.subarray(0, MAGIC[name].length)));
}

function tooLarge(maxBytes: number): CompressedError {
  return new CompressedError(`the compressed file holds more than ${maxBytes} bytes`);
}

async function readGzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(maxBytes) : error;
  }
}

/** enum xz_ret of the decoder (xz-embedded), which its wrapper tells by number only. */
const XZ_ERRORS = new Map([
  ['3', 'its dictionary does not fit the memory'],
  ['4', 'its dictionary is larger than 64 MiB'],
  ['5', 'it is no xz stream'],
  ['6', 'it uses a filter that kernel modules never use'],
  ['7', 'its content does not match its checksum'],
  ['8', 'it is truncated'],
]);

/** The decoder's own limit, 64 MiB of dictionary, bounds its memory. */
async function readXz(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const { XzReadableStream } = await import('xz-decompress');
  const output = new BoundedOutput(maxBytes);
  try {
    for await (const chunk of new XzReadableStream(new Blob([bytes]).stream())) {
      output.add(chunk);
    }
  } catch (error) {
    const [, code = ''] = /error code (\d+)$/.exec(error instanceof Error ? error.message : '') ?? [];
    const reason = XZ_ERRORS.get(code);
    throw reason === undefined ? error : new CompressedError(`damaged xz file: ${reason}`, { cause: error });
  }
  return output.bytes();
}

/** fzstd does not verify a frame's checksum: flipped bits may come through. */
async function readZstd(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const problem = checkZstd(bytes, maxBytes);
  if (problem !== undefined) {
    throw new CompressedError(problem);
  }
  const { Decompress } = await import('fzstd');
  const output = new BoundedOutput(maxBytes);
  new Decompress((chunk) => output.add(chunk.slice())).push(bytes, true);
  return output.bytes();
}

class BoundedOutput {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(readonly maxBytes: number) {}

  add(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.maxBytes) {
      throw tooLarge(this.maxBytes);
    }
    this.#chunks.push(chunk);
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#chunks, this.#length);
  }
}
