import { Budget } from '../budget';
import { finish, sortInSteps, type Steps } from '../steps';
import { CHILDREN, HEAD_BYTES, MAGIC, MAX_KEY, OFFSET, PREFIX, VALUES, VERSION } from './indexFormat';

/** A key of an index, which may be a pattern, and a value that it leads to; bytes, one character each. */
export interface IndexEntry {
  readonly key: string;
  readonly value: string;
  /** The lower, the better. */
  readonly priority: number;
}

/** What it may take, in bytes: a quarter of what the format can refer to, and fifty times what a full kernel's takes. */
const MAX_INDEX = OFFSET >> 2;

/** How many entries are looked at in one step. */
const ENTRIES_A_STEP = 256;

/**
 * The index that depmod(8) writes for these entries, byte for byte. Keys that depmod refuses are left out: those
 * with a character outside of ASCII, and those that no kernel asks for.
 * @throws BudgetError where it would be larger than one that any kernel has
 */
export const buildIndex = (entries: readonly IndexEntry[]): Buffer => finish(indexInSteps(entries));

/** The same in steps. */
export function* indexInSteps(entries: readonly IndexEntry[]): Steps<Buffer> {
  const known: IndexEntry[] = [];
  // depmod puts an entry in front of earlier ones of the same priority.
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (entry !== undefined && entry.key.length <= MAX_KEY && /^[ -~]*$/.test(entry.key)) known.push(entry);
    if (index % ENTRIES_A_STEP === 0) yield;
  }
  const sorted = yield* sortInSteps(known, (a, b) =>
    a.key < b.key ? -1 : a.key > b.key ? 1 : a.priority - b.priority,
  );
  const file = new GrowingFile();
  file.number(MAGIC);
  file.number(VERSION);
  file.number(0);
  const root = yield* new Writer(file, sorted).write();
  const bytes = file.bytes();
  bytes.writeUInt32BE(root, HEAD_BYTES - 4);
  return bytes;
}

/** A node that is being written: those below it come first. */
interface Draft {
  /** Its entries are those in [from, to), which is not empty but for the root. */
  readonly from: number;
  readonly to: number;
  /** Its place in their keys, and where its own prefix ends. */
  readonly start: number;
  readonly end: number;
  /** The entries in [from, valuesEnd) end here. */
  readonly valuesEnd: number;
  /** The first entry of the next child. */
  next: number;
  readonly children: { readonly code: number; reference: number }[];
}

class Writer {
  constructor(
    private readonly file: GrowingFile,
    private readonly entries: readonly IndexEntry[],
  ) {}

  /** Writes all nodes. Returns the reference to the root. Keys may be as deep as they are long: this does not recurse. */
  *write(): Steps<number> {
    // The root has no prefix of its own, even where all keys begin alike.
    const path = [this.#draft(0, this.entries.length, 0, 0)];
    let count = 0;
    for (;;) {
      const draft = path.at(-1);
      if (draft === undefined) return 0;
      if (draft.next < draft.to) {
        path.push(this.#nextChild(draft));
      } else {
        const reference = this.#writeNode(draft);
        path.pop();
        const above = path.at(-1)?.children.at(-1);
        if (above === undefined) return reference;
        above.reference = reference;
      }
      if (++count % ENTRIES_A_STEP === 0) yield;
    }
  }

  #draft(from: number, to: number, start: number, end: number): Draft {
    let next = from;
    while (next < to && this.#key(next).length === end) next++;
    return { from, to, start, end, valuesEnd: next, next, children: [] };
  }

  #nextChild(draft: Draft): Draft {
    const { next: first, to, end } = draft;
    const code = this.#key(first).charCodeAt(end);
    let next = first;
    while (next < to && this.#key(next).charCodeAt(end) === code) next++;
    draft.next = next;
    draft.children.push({ code, reference: 0 });
    return this.#draft(first, next, end + 1, this.#commonEnd(first, next, end + 1));
  }

  #writeNode({ from, valuesEnd, start, end, children }: Draft): number {
    let reference = this.file.length;
    if (end > start) {
      this.file.text(this.#key(from).slice(start, end));
      reference += PREFIX;
    }
    const first = children[0]?.code;
    const last = children.at(-1)?.code;
    if (first !== undefined && last !== undefined) {
      this.file.byte(first);
      this.file.byte(last);
      let code = first;
      for (const child of children) {
        for (; code < child.code; code++) this.file.number(0);
        this.file.number(child.reference);
        code++;
      }
      reference += CHILDREN;
    }
    if (valuesEnd > from) {
      this.file.number(valuesEnd - from);
      for (let index = from; index < valuesEnd; index++) {
        this.file.number(this.entries[index]?.priority ?? 0);
        this.file.text(this.entries[index]?.value ?? '');
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
    while (end < first.length && first.charCodeAt(end) === last.charCodeAt(end)) end++;
    return end;
  }

  #key(index: number): string {
    return this.entries[index]?.key ?? '';
  }
}

class GrowingFile {
  #buffer = Buffer.alloc(1 << 16);
  readonly #budget = new Budget(MAX_INDEX, `an index of more than ${MAX_INDEX} bytes, as no kernel has`);
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
    this.#budget.spend(count);
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
