import { matchesGlob } from '../config/glob';
import { decodeText, toByteString } from '../text';
import { CHILDREN, HEAD_BYTES, MAGIC, OFFSET, PREFIX, VALUES, VERSION } from './indexFormat';

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

/**
 * A modules.*.bin of depmod: a radix tree from keys, which may be patterns, to values (libkmod-index.c). A look-up
 * reads the nodes on its way and no more, and nothing is kept beside the bytes.
 */
export class ModuleIndex {
  readonly #view: DataView;

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

  /** The first value of exactly this key. */
  search(key: string): string | undefined {
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

  /** The values of all patterns that match a key, best first. */
  searchPatterns(key: string): string[] {
    const found: IndexValue[] = [];
    const name = bytesOf(key);
    let node = this.#read(this.root, this.bytes.length);
    for (let at = 0; node !== undefined;) {
      const wildcard = this.#wildcard(node);
      if (!this.#hasPrefix(node, wildcard, name, at)) break;
      at += wildcard - node.start;
      if (wildcard < node.end) {
        const pattern = Pattern.at(name, at).advance(this.bytes, wildcard, node.end);
        this.#matchBelow(node, pattern, found);
        break;
      }
      for (const character of WILDCARDS) {
        const child = this.#child(node, character);
        if (child !== undefined) this.#matchFrom(child, character, Pattern.at(name, at), found);
      }
      if (at === name.length) {
        insertAll(found, this.#values(node));
        break;
      }
      node = this.#child(node, name[at] ?? 0);
      at++;
    }
    return found.map(({ value }) => value);
  }

  #matchFrom(node: IndexNode, character: number, pattern: Pattern, found: IndexValue[]): void {
    this.#matchBelow(node, pattern.step(character).advance(this.bytes, node.start, node.end), found);
  }

  /** Finds the patterns that go on as the nodes below one do, and match. */
  #matchBelow(node: IndexNode, pattern: Pattern, found: IndexValue[]): void {
    if (pattern.fails) return;
    for (let code = node.first; code <= node.last; code++) {
      const child = this.#child(node, code);
      if (child !== undefined) this.#matchFrom(child, code, pattern, found);
    }
    if (node.values !== 0 && pattern.matches) insertAll(found, this.#values(node));
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
    let at = start;
    while (at < this.bytes.length && this.bytes[at] !== 0) at++;
    return at;
  }
}

/** A pattern of fnmatch(3), as far as it has been read, and the places of a name that it reaches. */
class Pattern {
  /** @param ends undefined: a bracket or an escape was met, so that only the whole pattern tells */
  constructor(
    private readonly name: Uint8Array,
    private readonly start: number,
    private readonly text: string,
    private readonly ends: readonly number[] | undefined,
  ) {}

  /** The empty pattern at a place of a name. */
  static at(name: Uint8Array, place: number): Pattern {
    return new Pattern(name, place, '', [place]);
  }

  get fails(): boolean {
    return this.ends?.length === 0;
  }

  get matches(): boolean {
    const { name, start, ends } = this;
    if (ends !== undefined) return ends.includes(name.length);
    return matchesGlob(this.text, Buffer.from(name.subarray(start)).toString('latin1'));
  }

  step(character: number): Pattern {
    return new Pattern(
      this.name,
      this.start,
      this.text + String.fromCharCode(character),
      reach(this.ends, character, this.name),
    );
  }

  /** Goes on with the bytes of [from, to). */
  advance(bytes: Uint8Array, from: number, to: number): Pattern {
    let { text, ends } = this;
    for (let at = from; at < to && ends?.length !== 0; at++) {
      const character = bytes[at] ?? 0;
      text += String.fromCharCode(character);
      ends = reach(ends, character, this.name);
    }
    return new Pattern(this.name, this.start, text, ends);
  }
}

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

/** add_value(): what is found later comes before what has the same priority. */
function insertAll(found: IndexValue[], values: readonly IndexValue[]): void {
  for (const value of values) {
    const place = found.findIndex(({ priority }) => priority >= value.priority);
    found.splice(place < 0 ? found.length : place, 0, value);
  }
}
