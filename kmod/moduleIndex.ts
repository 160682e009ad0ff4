import { matchesGlob } from './config/glob';
import { decodeText, toByteString } from './text';

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
  /** Of the children there are, the first character's code. */
  readonly first: number;
  readonly children: readonly number[];
  readonly values: readonly IndexValue[];
}

/**
 * A modules.*.bin of depmod: a radix tree from keys, which may be patterns, to values (libkmod-index.c). A look-up
 * reads the nodes on its way and no more. Keys are bytes, one character each.
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
          this.#matchBelow(node, prefix.slice(wildcard), bytes.slice(at + wildcard), found);
        }
        break;
      }
      if (!bytes.startsWith(prefix, at)) break;
      at += prefix.length;
      for (const character of WILDCARDS) {
        const child = this.#child(node, character);
        if (child !== undefined) {
          this.#matchBelow(child, character + child.prefix, bytes.slice(at), found);
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

  /** Tries each pattern that begins with a wildcard against what is left of a key. */
  #matchBelow(node: IndexNode, pattern: string, rest: string, found: IndexValue[]): void {
    // No key is longer than a line of modules.alias; a broken index may go in circles.
    if (pattern.length > this.bytes.length) return;
    node.children.forEach((offset, index) => {
      const child = this.#read(offset);
      if (child === undefined) return;
      const character = String.fromCharCode(node.first + index);
      this.#matchBelow(child, pattern + character + child.prefix, rest, found);
    });
    if (node.values.length > 0 && matchesGlob(pattern, rest)) insertAll(found, node.values);
  }

  #child(node: IndexNode, character: string): IndexNode | undefined {
    const offset = node.children[character.charCodeAt(0) - node.first];
    return offset === undefined ? undefined : this.#read(offset);
  }

  /** undefined: there is no node; that holds for one that lies outside of the file too. */
  #read(reference: number): IndexNode | undefined {
    let at = reference & OFFSET;
    if (at === 0) return undefined;
    try {
      let prefix = '';
      if ((reference & PREFIX) !== 0) {
        const end = this.#endOfString(at);
        prefix = Buffer.from(this.bytes.subarray(at, end)).toString('latin1');
        at = end + 1;
      }
      let first = 0;
      const children: number[] = [];
      if ((reference & CHILDREN) !== 0) {
        first = this.#view.getUint8(at);
        const count = this.#view.getUint8(at + 1) - first + 1;
        at += 2;
        for (let index = 0; index < count; index++, at += 4) children.push(this.#view.getUint32(at));
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
      return { prefix, first, children, values };
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

/** add_value(): what is found later comes before what has the same priority. */
function insertAll(found: IndexValue[], values: readonly IndexValue[]): void {
  for (const value of values) {
    const place = found.findIndex(({ priority }) => priority >= value.priority);
    found.splice(place < 0 ? found.length : place, 0, value);
  }
}
