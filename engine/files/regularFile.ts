import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  statSync,
  type PathLike,
  type Stats,
} from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { FileTooLargeError, NotARegularFileError } from './fileErrors';

// The one way to read a file of this machine. What a workspace or a sysroot holds is anybody's choice, and Git keeps
// links: a Makefile may be /dev/ptmx, which waits for ever, or /proc/self/pagemap, which has no end and says 0 bytes.

/** Nothing waits for the other end of a FIFO, and no terminal becomes ours. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Bytes of the first piece beyond the size that a file says it has. */
const FIRST_PIECE = 4 << 10;
/** Bytes; the pieces of a file without a size double up to this. */
const LARGEST_PIECE = 4 << 20;

/**
 * All bytes of a regular file.
 * @param limit in bytes, counted while reading: neither procfs nor a file that grows tells its size.
 * @throws NotARegularFileError, FileTooLargeError, and the file system's errors
 */
export async function readRegularFile(path: PathLike, limit: number): Promise<Buffer> {
  const { handle, status } = await openRegularHandle(path);
  try {
    const pieces = new Pieces(path, status.size, limit);
    for (let piece = pieces.next(); ; piece = pieces.next()) {
      const { bytesRead } = await handle.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return pieces.joined();
      pieces.filled(bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The same without waiting. @throws as readRegularFile */
export function readRegularFileSync(path: PathLike, limit: number): Buffer {
  return withRegularFile(path, (descriptor, { size }) => {
    const pieces = new Pieces(path, size, limit);
    for (let piece = pieces.next(); ; piece = pieces.next()) {
      const length = readSync(descriptor, piece, 0, piece.length, null);
      if (length === 0) return pieces.joined();
      pieces.filled(length);
    }
  });
}

/** A regular file as UTF-8. @throws as readRegularFile */
export async function readTextFile(path: PathLike, limit: number): Promise<string> {
  return (await readRegularFile(path, limit)).toString('utf8');
}

/** The first bytes of a regular file, or all there are. @throws NotARegularFileError, and the file system's errors */
export function readStart(path: PathLike, length: number): Buffer {
  return withRegularFile(path, (descriptor) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0));
  });
}

/**
 * Lends an open regular file to a reader that takes pieces of it.
 * @throws NotARegularFileError, and the errors of the file system and of the reader
 */
export function withRegularFile<T>(path: PathLike, read: (descriptor: number, status: Stats) => T): T {
  const { descriptor, status } = openRegularFile(path);
  try {
    return read(descriptor, status);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Opens a regular file, which who asks for it closes.
 * @throws NotARegularFileError, and the file system's errors
 */
export function openRegularFile(path: PathLike): { readonly descriptor: number; readonly status: Stats } {
  // Looked at first: to open a device is an act of its own. It starts a watchdog, rewinds a tape, makes a terminal.
  check(path, statSync(path));
  const descriptor = openSync(path, FLAGS);
  try {
    // Another one may have come to its place meanwhile.
    return { descriptor, status: check(path, fstatSync(descriptor)) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** As openRegularFile, without waiting for a slow file system. */
export async function openRegularHandle(path: PathLike): Promise<{ handle: FileHandle; status: Stats }> {
  check(path, await stat(path));
  const handle = await open(path, FLAGS);
  try {
    return { handle, status: check(path, await handle.stat()) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function check(path: PathLike, status: Stats): Stats {
  if (!status.isFile()) throw new NotARegularFileError(String(path), kindOf(status));
  return status;
}

function kindOf(status: Stats): string {
  if (status.isDirectory()) return 'a directory';
  if (status.isFIFO()) return 'a FIFO';
  if (status.isSocket()) return 'a socket';
  return 'a device';
}

/** The memory that a file is read to: about as much as there are bytes, whatever the limit. */
class Pieces {
  readonly #full: Buffer[] = [];
  #length = 0;
  #piece = Buffer.alloc(0);

  /** @param size what the file says; 0 where it does not know. @throws FileTooLargeError */
  constructor(
    private readonly path: PathLike,
    private readonly size: number,
    private readonly limit: number,
  ) {
    if (size > limit) throw new FileTooLargeError(String(path), limit);
  }

  /** Memory for the next bytes: that which is left, or new. */
  next(): Buffer {
    if (this.#piece.length === 0) {
      // One byte more than the size, so that one more read finds the end.
      const wanted = this.#length === 0 ? Math.max(this.size + 1, FIRST_PIECE) : this.#length;
      this.#piece = Buffer.allocUnsafeSlow(this.#length === 0 ? wanted : Math.min(wanted, LARGEST_PIECE));
    }
    return this.#piece;
  }

  /** @throws FileTooLargeError */
  filled(length: number): void {
    this.#length += length;
    if (this.#length > this.limit) throw new FileTooLargeError(String(this.path), this.limit);
    this.#full.push(this.#piece.subarray(0, length));
    this.#piece = this.#piece.subarray(length);
  }

  joined(): Buffer {
    return this.#full.length === 1 ? (this.#full[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#full);
  }
}
