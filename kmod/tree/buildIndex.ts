import { CHILDREN, HEAD_BYTES, MAGIC, OFFSET, PREFIX, VALUES, VERSION } from './indexFormat';

/** A key of an index, which may be a pattern, and a value that it leads to; bytes, one character each. */
export interface IndexEntry {
  readonly key: string;
  readonly value: string;
  /** The lower, the better. */
  readonly priority: number;
}

/** Nothing that a kernel asks for is longer: a uevent has 2048 bytes. */
const MAX_KEY = 4095;

/** The index would be larger than one that any kernel has. */
class IndexSizeError extends Error {
  override readonly name = 'IndexSizeError';
  constructor(bytes: number) {
    super(`an index of more than ${bytes} bytes`);
  }
}

/**
 * The index that depmod(8) writes for these entries, byte for byte. Keys that depmod refuses are left out: those
 * with a character outside of ASCII, and those that no kernel asks for.
 * @throws IndexSizeError
 */
export function buildIndex(entries: readonly IndexEntry[]): Buffer {
  const sorted = entries
    .filter(({ key }) => key.length <= MAX_KEY && /^[ -~]*$/.test(key))
    // depmod puts an entry in front of earlier ones of the same priority.
    .reverse()
    .sort((a, b) => (a.key === b.key ? a.priority - b.priority : a.key < b.key ? -1 : 1));
  const file = new GrowingFile();
  file.number(MAGIC);
  file.number(VERSION);
  file.number(0);
  // The root has no prefix of its own, even where all keys begin alike.
  const root = new Writer(file, sorted).node(0, sorted.length, 0, 0);
  const bytes = file.bytes();
  bytes.writeUInt32BE(root, HEAD_BYTES - 4);
  return bytes;
}

class Writer {
  constructor(
    private readonly file: GrowingFile,
    private readonly entries: readonly IndexEntry[],
  ) {}

  /**
   * Writes what is below a node, then the node. Its entries are those in [from, to), its place in their keys is
   * `start`, and its own prefix ends at `end`. Returns the reference to it.
   */
  node(from: number, to: number, start: number, end: number): number {
    let next = from;
    while (next < to && this.#key(next).length === end) next++;
    const valuesEnd = next;
    const children: [code: number, reference: number][] = [];
    while (next < to) {
      const code = this.#key(next).charCodeAt(end);
      const first = next;
      while (next < to && this.#key(next).charCodeAt(end) === code) next++;
      children.push([code, this.node(first, next, end + 1, this.#commonEnd(first, next, end + 1))]);
    }
    return this.#write(this.#key(from).slice(start, end), children, this.entries.slice(from, valuesEnd));
  }

  #write(
    prefix: string,
    children: readonly [code: number, reference: number][],
    values: readonly IndexEntry[],
  ): number {
    let reference = this.file.length;
    if (prefix !== '') {
      this.file.text(prefix);
      reference += PREFIX;
    }
    const [first] = children[0] ?? [];
    const [last] = children.at(-1) ?? [];
    if (first !== undefined && last !== undefined) {
      this.file.byte(first);
      this.file.byte(last);
      const references = new Map(children);
      for (let code = first; code <= last; code++) this.file.number(references.get(code) ?? 0);
      reference += CHILDREN;
    }
    if (values.length > 0) {
      this.file.number(values.length);
      for (const { value, priority } of values) {
        this.file.number(priority);
        this.file.text(value);
      }
      reference += VALUES;
    }
    return reference;
  }

  /** Where the keys of a range, which is sorted, begin to differ. */
  #commonEnd(from: number, to: number, start: number): number {
    const first = this.#key(from);
    const last = this.#key(to - 1);
    let end = start;
    while (end < first.length && first[end] === last[end]) end++;
    return end;
  }

  #key(index: number): string {
    return this.entries[index]?.key ?? '';
  }
}

class GrowingFile {
  #buffer = Buffer.alloc(1 << 16);
  length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.length = this.#buffer.writeUInt8(value, this.length);
  }

  number(value: number): void {
    this.#reserve(4);
    this.length = this.#buffer.writeUInt32BE(value, this.length);
  }

  /** With a NUL at its end. */
  text(value: string): void {
    this.#reserve(value.length + 1);
    this.length += this.#buffer.write(value, this.length, 'latin1');
    this.length = this.#buffer.writeUInt8(0, this.length);
  }

  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.length));
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed > OFFSET >> 2) throw new IndexSizeError(OFFSET >> 2);
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
