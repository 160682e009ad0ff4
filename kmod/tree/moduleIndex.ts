import { matchesGlob } from '../config/glob';
import { decodeText, toByteString } from '../text';

const MAGIC = 0xb007f457;
const VERSION_MAJOR = 2;
const PREFIX = 0x80000000;
const VALUES = 0x40000000;
const CHILDREN = 0x20000000;
const OFFSET = 0x0fffffff;

/** The characters with which a pattern's variable part begins. */
const WILDCARDS = ['*', '?', '['];

interface IndexValue {
  readonly value: string;
  readonly priority: number;
}

interface IndexNode {
  readonly prefix: string;
  /** References by the character that leads to them, in its order. */
  readonly children: ReadonlyMap<string, number>;
  readonly values: readonly IndexValue[];
}

/**
 * A modules.*.bin of depmod: a radix tree from keys, which may be patterns, to values (libkmod-index.c). A look-up
 * reads the nodes on its way and no more. Keys are bytes, one character each.
 */
export class ModuleIndex {
  readonly #view: DataView;
  /** The nodes that were read, by their references: all look-ups begin with the same. */
  readonly #nodes = new Map<number, IndexNode | undefined>();

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly root: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** undefined: not an index, or one of another version. */
  static open(bytes: Uint8Array): ModuleIndex | undefined {
    if (bytes.length < 12) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const known = view.getUint32(0) === MAGIC && view.getUint32(4) >>> 16 === VERSION_MAJOR;
    return known ? new ModuleIndex(bytes, view.getUint32(8)) : undefined;
  }

  /** The first value of exactly this key. */
  search(key: string): string | undefined {
    const bytes = toByteString(key);
    let node = this.#read(this.root);
    for (let at = 0; node !== undefined;) {
      if (!bytes.startsWith(node.prefix, at)) return undefined;
      at += node.prefix.length;
      if (at === bytes.length) return node.values[0]?.value;
      node = this.#child(node, bytes.charAt(at));
      at++;
    }
    return undefined;
  }

  /** The values of all patterns that match a key, best first. */
  searchPatterns(key: string): string[] {
    const found: IndexValue[] = [];
    const bytes = toByteString(key);
    let node = this.#read(this.root);
    for (let at = 0; node !== undefined;) {
      const { prefix } = node;
      const wildcard = prefix.search(/[*?[]/);
      if (wildcard >= 0) {
        if (bytes.startsWith(prefix.slice(0, wildcard), at)) {
          this.#matchFrom(node, prefix.slice(wildcard), bytes.slice(at + wildcard), found);
        }
        break;
      }
      if (!bytes.startsWith(prefix, at)) break;
      at += prefix.length;
      for (const character of WILDCARDS) {
        const child = this.#child(node, character);
        if (child !== undefined) {
          this.#matchFrom(child, character + child.prefix, bytes.slice(at), found);
        }
      }
      if (at === bytes.length) {
        insertAll(found, node.values);
        break;
      }
      node = this.#child(node, bytes.charAt(at));
      at++;
    }
    return found.map(({ value }) => value);
  }

  #matchFrom(node: IndexNode, pattern: string, rest: string, found: IndexValue[]): void {
    this.#matchBelow(node, pattern, rest, advance([0], pattern, rest), found);
  }

  /**
   * Finds the patterns below a node that match what is left of a key. `pattern` leads to the node; `ends` are the
   * places in the rest to which it can reach.
   */
  #matchBelow(node: IndexNode, pattern: string, rest: string, ends: Ends, found: IndexValue[]): void {
    // A broken index may go in circles.
    if (ends?.length === 0 || pattern.length > this.bytes.length) return;
    for (const [character, reference] of node.children) {
      const child = this.#read(reference);
      if (child === undefined) continue;
      const step = character + child.prefix;
      this.#matchBelow(child, pattern + step, rest, advance(ends, step, rest), found);
    }
    if (node.values.length === 0) return;
    const matches = ends === undefined ? matchesGlob(pattern, rest) : ends.includes(rest.length);
    if (matches) insertAll(found, node.values);
  }

  #child(node: IndexNode, character: string): IndexNode | undefined {
    const reference = node.children.get(character);
    return reference === undefined ? undefined : this.#read(reference);
  }

  #read(reference: number): IndexNode | undefined {
    let node = this.#nodes.get(reference);
    if (node === undefined) {
      node = this.#parse(reference);
      this.#nodes.set(reference, node);
    }
    return node;
  }

  /** undefined: there is none, or it lies outside of the file. */
  #parse(reference: number): IndexNode | undefined {
    let at = reference & OFFSET;
    if (at === 0) return undefined;
    try {
      let prefix = '';
      if ((reference & PREFIX) !== 0) {
        const end = this.#endOfString(at);
        prefix = Buffer.from(this.bytes.subarray(at, end)).toString('latin1');
        at = end + 1;
      }
      const children = new Map<string, number>();
      if ((reference & CHILDREN) !== 0) {
        const first = this.#view.getUint8(at);
        const last = this.#view.getUint8(at + 1);
        at += 2;
        for (let code = first; code <= last; code++, at += 4) {
          const child = this.#view.getUint32(at);
          if ((child & OFFSET) !== 0) children.set(String.fromCharCode(code), child);
        }
      }
      const values: IndexValue[] = [];
      if ((reference & VALUES) !== 0) {
        const count = this.#view.getUint32(at);
        at += 4;
        for (let index = 0; index < count; index++) {
          const priority = this.#view.getUint32(at);
          const end = this.#endOfString(at + 4);
          values.push({ value: decodeText(this.bytes.subarray(at + 4, end)), priority });
          at = end + 1;
        }
      }
      return { prefix, children, values };
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #endOfString(at: number): number {
    const end = this.bytes.indexOf(0, at);
    if (end < 0) throw new RangeError('a string has no end');
    return end;
  }
}

/** undefined: only the whole pattern tells. */
type Ends = readonly number[] | undefined;

/** Where in a text a pattern can end, that goes on with `step` from one of some places. */
function advance(ends: Ends, step: string, text: string): Ends {
  let places = ends;
  for (const character of step) {
    if (places === undefined || character === '[' || character === '\\') return undefined;
    const [first] = places;
    if (first === undefined) return places;
    if (character === '*') {
      places = Array.from({ length: text.length + 1 - first }, (_, index) => first + index);
    } else {
      places = places
        .filter((place) => place < text.length && (character === '?' || text[place] === character))
        .map((place) => place + 1);
    }
  }
  return places;
}

/** add_value(): what is found later comes before what has the same priority. */
function insertAll(found: IndexValue[], values: readonly IndexValue[]): void {
  for (const value of values) {
    const place = found.findIndex(({ priority }) => priority >= value.priority);
    found.splice(place < 0 ? found.length : place, 0, value);
  }
}
