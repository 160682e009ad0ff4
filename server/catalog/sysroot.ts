import type { Stats } from 'node:fs';
import { readFile, readlink, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodeText, encodeText } from '../../kmod/text';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/** Larger files are not read: nothing that modprobe reads comes near. */
const MAX_BYTES = 256 << 20;

interface FoundFile {
  readonly facts: Stats;
  /** undefined: it cannot be read, or is neither a regular file nor a device (which is taken for /dev/null). */
  read(): Promise<Uint8Array | undefined>;
}

/**
 * A directory that stands for `/`, as in a chroot: links in it, absolute ones too, lead to places inside of it.
 * Paths are text by decodeText, so that every name that a file system can hold can be said.
 */
export class Sysroot {
  /** Absolute; '' for the local system. */
  readonly directory: string;
  /** Where directories lead, inside. */
  readonly #directories = new Map<string, string>();

  constructor(directory: string) {
    const absolute = directory === '' ? '' : resolve(directory);
    this.directory = absolute === '/' ? '' : absolute;
  }

  /** Where a path leads on this machine, whether something is there or not; undefined: in a circle. */
  async resolve(path: string): Promise<Uint8Array | undefined> {
    if (this.directory === '') return encodeText(path);
    const inside = await this.#followLinks(path);
    // A sysroot that no machine runs in has an empty /dev; links to /dev/null mean the same there.
    if (inside === '/dev/null') return encodeText(inside);
    return inside === undefined ? undefined : this.#onHost(inside);
  }

  /** undefined: there is nothing, or it cannot be reached. */
  async stat(path: string): Promise<Stats | undefined> {
    return (await this.find(path))?.facts;
  }

  /** undefined: it cannot be read, or is neither a regular file nor a device (which is taken for /dev/null). */
  async read(path: string): Promise<Uint8Array | undefined> {
    return (await this.find(path))?.read();
  }

  /** undefined: there is nothing, or it cannot be reached. */
  async find(path: string): Promise<FoundFile | undefined> {
    const host = await this.resolve(path);
    if (host === undefined) return undefined;
    const place = Buffer.from(host);
    const facts = await unlessFailed(stat(place));
    if (facts === undefined) return undefined;
    const read = async (): Promise<Uint8Array | undefined> => {
      if (facts.isCharacterDevice()) return new Uint8Array();
      return facts.isFile() && facts.size <= MAX_BYTES ? unlessFailed(readFile(place)) : undefined;
    };
    return { facts, read };
  }

  async #followLinks(path: string, links = 0): Promise<string | undefined> {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? '' : await this.#followLinks(path.slice(0, slash), links);
    if (parent === undefined) return undefined;
    if (slash > 0) this.#directories.set(path.slice(0, slash), parent);
    const name = path.slice(slash + 1);
    if (name === '' || name === '.') return parent;
    if (name === '..') return parent.slice(0, Math.max(parent.lastIndexOf('/'), 0));
    const place = `${parent}/${name}`;
    const target = await unlessFailed(readlink(Buffer.from(this.#onHost(place)), { encoding: 'buffer' }));
    if (target === undefined) return place;
    if (links === MAX_LINKS) return undefined;
    const text = decodeText(target);
    return this.#followLinks(text.startsWith('/') ? text : `${parent}/${text}`, links + 1);
  }

  #onHost(inside: string): Uint8Array {
    return encodeText(this.directory + inside);
  }
}

/** Files come and go, and some cannot be read: modprobe goes on without them. */
async function unlessFailed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch {
    return undefined;
  }
}
