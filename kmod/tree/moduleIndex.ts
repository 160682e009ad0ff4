import { Budget } from '../budget';
import { matchesGlob } from '../config/glob';
import { decodeText, toByteString } from '../text';
import { CHILDREN, HEAD_BYTES, MAGIC, MAX_KEY, OFFSET, PREFIX, VALUES, VERSION } from './indexFormat';

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** The characters with which a pattern's variable part begins. */
const WILDCARDS = [STAR, QUESTION_MARK, BRACKET];

interface IndexValue {
  readonly value: string;
  readonly priority: number;
}

/** Where the parts of a node are in the file. */
interface IndexNode {
  readonly offset: number;
  /** The prefix; empty where both are the same. */
  readonly start: number;
  readonly end: number;
  /** The place of the reference to the child of the character `first`. */
  readonly children: number;
  readonly first: number;
  /** Less than `first`: there are no children. */
  readonly last: number;
  /** Where the values are counted; 0: there are none. */
  readonly values: number;
}

/** What one look-up may take on average: steps over characters, nodes, and the places that a pattern reaches. */
const STEPS_A_LOOKUP = 1 << 14;

/** What one may take that is far from the average. */
const MAX_STEPS = 1 << 20;

/**
 * A modules.*.bin of depmod: a radix tree from keys, which may be patterns, to values (libkmod-index.c). A look-up
 * reads the nodes on its way and no more, and nothing is kept beside the bytes. Patterns and nodes may be made so that
 * a look-up has no end: its steps are counted, and once an index has taken too many, nothing is looked up in it.
 */
export class ModuleIndex {
  readonly #view: DataView;
  readonly #budget = new Budget(
    MAX_STEPS,
    `a look-up takes more than ${MAX_STEPS} steps in these aliases, as in no kernel's: nothing is looked up there`,
  );

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly root: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** undefined: not an index, or one of another version. */
  static open(bytes: Uint8Array): ModuleIndex | undefined {
    if (bytes.length < HEAD_BYTES) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const known = view.getUint32(0) === MAGIC && view.getUint32(4) >>> 16 === VERSION >>> 16;
    return known ? new ModuleIndex(bytes, view.getUint32(8)) : undefined;
  }

  /** The first value of exactly this key. @throws BudgetError */
  search(key: string): string | undefined {
    this.#budget.refill(STEPS_A_LOOKUP);
    const name = bytesOf(key);
    let node = this.#read(this.root, this.bytes.length);
    for (let at = 0; node !== undefined;) {
      if (!this.#hasPrefix(node, node.end, name, at)) return undefined;
      at += node.end - node.start;
      if (at === name.length) return this.#values(node)[0]?.value;
      node = this.#child(node, name[at] ?? 0);
      at++;
    }
    return undefined;
  }

  /** The values of all patterns that match a key, best first; no kernel asks for one of more than MAX_KEY bytes. @throws BudgetError */
  searchPatterns(key: string): string[] {
    this.#budget.refill(STEPS_A_LOOKUP);
    const found: IndexValue[] = [];
    const name = bytesOf(key);
    if (name.length > MAX_KEY) return [];
    let node = this.#read(this.root, this.bytes.length);
    for (let at = 0; node !== undefined;) {
      const wildcard = this.#wildcard(node);
      if (!this.#hasPrefix(node, wildcard, name, at)) break;
      at += wildcard - node.start;
      const empty: Pattern = { name, start: at, text: '', ends: [at] };
      if (wildcard < node.end) {
        this.#matchBelow(node, this.#advance(empty, wildcard, node.end), found);
        break;
      }
      for (const character of WILDCARDS) {
        const child = this.#child(node, character);
        if (child !== undefined) this.#matchBelow(child, this.#follow(empty, character, child), found);
      }
      if (at === name.length) {
        this.#addValues(node, found);
        break;
      }
      node = this.#child(node, name[at] ?? 0);
      at++;
    }
    // What is found later comes before what has the same priority: add_value().
    return found
      .reverse()
      .sort((a, b) => a.priority - b.priority)
      .map(({ value }) => value);
  }

  /** Finds the patterns that go on as the nodes from one on do, and match. Those below a node come before its own. */
  #matchBelow(top: IndexNode, pattern: Pattern, found: IndexValue[]): void {
    const path = [{ node: top, pattern, code: top.first }];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const { node, pattern } = step;
      if (step.code <= node.last && !fails(pattern)) {
        const code = step.code++;
        this.#budget.spend();
        const child = this.#child(node, code);
        if (child !== undefined) {
          path.push({ node: child, pattern: this.#follow(pattern, code, child), code: child.first });
        }
      } else {
        if (node.values !== 0 && this.#matches(pattern)) this.#addValues(node, found);
        path.pop();
      }
    }
  }

  /** A pattern that goes on with a character, and then as a node's prefix does. */
  #follow(pattern: Pattern, character: number, { start, end }: IndexNode): Pattern {
    return this.#advance(this.#step(pattern, character), start, end);
  }

  /** A pattern that goes on with the bytes of [from, to). */
  #advance(pattern: Pattern, from: number, to: number): Pattern {
    let longer = pattern;
    for (let at = from; at < to && !fails(longer); at++) longer = this.#step(longer, this.bytes[at] ?? 0);
    return longer;
  }

  #step({ name, start, text, ends }: Pattern, character: number): Pattern {
    this.#budget.spend(1 + (character === STAR ? name.length : (ends?.length ?? 0)));
    return {
      name,
      start,
      text: text + String.fromCharCode(character),
      ends: reach(ends, character, name),
    };
  }

  #matches({ name, start, text, ends }: Pattern): boolean {
    if (ends !== undefined) return ends.at(-1) === name.length;
    const rest = Buffer.from(name.subarray(start)).toString('latin1');
    this.#budget.spend(text.length * rest.length);
    return matchesGlob(text, rest);
  }

  #addValues(node: IndexNode, found: IndexValue[]): void {
    for (const value of this.#values(node)) found.push(value);
  }

  #wildcard(node: IndexNode): number {
    for (let at = node.start; at < node.end; at++) {
      if (WILDCARDS.includes(this.bytes[at] ?? 0)) return at;
    }
    return node.end;
  }

  /** Does a name go on, at a place, as a node's prefix does up to `end`? */
  #hasPrefix(node: IndexNode, end: number, name: Uint8Array, at: number): boolean {
    for (let index = node.start, place = at; index < end; index++, place++) {
      if (this.bytes[index] !== name[place]) return false;
    }
    return true;
  }

  #child(node: IndexNode, code: number): IndexNode | undefined {
    return code < node.first || code > node.last
      ? undefined
      : this.#read(this.#view.getUint32(node.children + 4 * (code - node.first)), node.offset);
  }

  /**
   * undefined: there is none, or it is broken. depmod writes a node after those below it, `before` its parent; a
   * broken index may go in circles.
   */
  #read(reference: number, before: number): IndexNode | undefined {
    const offset = reference & OFFSET;
    if (offset === 0 || offset >= before) return undefined;
    let at = offset;
    let end = at;
    if ((reference & PREFIX) !== 0) {
      end = this.#endOfString(at);
      at = end + 1;
    }
    let first = 1;
    let last = 0;
    let children = 0;
    if ((reference & CHILDREN) !== 0) {
      first = this.bytes[at] ?? 1;
      last = this.bytes[at + 1] ?? 0;
      children = at + 2;
      at = children + 4 * (last - first + 1);
    }
    const isBroken = last < first ? children !== 0 : at > this.bytes.length;
    if (isBroken || end >= this.bytes.length) return undefined;
    return { offset, start: offset, end, children, first, last, values: (reference & VALUES) === 0 ? 0 : at };
  }

  /** Those that are whole. */
  #values({ values: start }: IndexNode): IndexValue[] {
    const values: IndexValue[] = [];
    if (start === 0 || start + 4 > this.bytes.length) return values;
    const count = this.#view.getUint32(start);
    for (let at = start + 4; values.length < count && at + 4 < this.bytes.length;) {
      const end = this.#endOfString(at + 4);
      this.#budget.spend();
      values.push({
        value: decodeText(this.bytes.subarray(at + 4, end)),
        priority: this.#view.getUint32(at),
      });
      at = end + 1;
    }
    return values;
  }

  /** The place of the next NUL, or the end of the file. */
  #endOfString(start: number): number {
    const last = Math.min(this.bytes.length, start + MAX_STEPS + 1);
    let at = start;
    while (at < last && this.bytes[at] !== 0) at++;
    this.#budget.spend(at - start);
    return at;
  }
}

/** A pattern of fnmatch(3), as far as it has been read, which begins at a place of a name. */
interface Pattern {
  readonly name: Uint8Array;
  readonly start: number;
  readonly text: string;
  /** The places of the name that it reaches, in order; undefined: only the whole tells, as it has a bracket or an escape. */
  readonly ends: readonly number[] | undefined;
}

const fails = ({ ends }: Pattern): boolean => ends?.length === 0;

/** The places of a name that a pattern reaches with one character more. */
function reach(
  ends: readonly number[] | undefined,
  character: number,
  name: Uint8Array,
): readonly number[] | undefined {
  const [first] = ends ?? [];
  if (ends === undefined || first === undefined) return ends;
  switch (character) {
    case BRACKET:
    case BACKSLASH:
      return undefined;
    case STAR: {
      const places: number[] = [];
      for (let place = first; place <= name.length; place++) places.push(place);
      return places;
    }
    default: {
      const places: number[] = [];
      for (const place of ends) {
        const fits = character === QUESTION_MARK ? place < name.length : name[place] === character;
        if (fits) places.push(place + 1);
      }
      return places;
    }
  }
}

const bytesOf = (key: string): Uint8Array => Buffer.from(toByteString(key), 'latin1');
