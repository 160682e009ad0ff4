import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodeText, encodeText } from '../../kmod/text';
import { readRegularFile } from './regularFile';

/** As many links as Linux follows in one path (path_resolution(7)). */
const MAX_LINKS = 40;

/** Bytes of a path, as Linux takes them (PATH_MAX). */
const MAX_PATH = 4096;

interface FoundFile {
  readonly facts: Stats;
  /**
   * undefined: it cannot be read, it has more bytes than the limit, or it is neither a regular file nor a device.
   * A device is taken for /dev/null, and is not opened.
   */
  read(limit: number): Promise<Uint8Array | undefined>;
}

/** What is at a place; undefined: nothing, or it cannot be reached. */
type Thing = 'directory' | 'file' | 'other' | { readonly link: string } | undefined;

/**
 * A directory that stands for `/`, as in a chroot: links in it, absolute ones too, and `..` lead to places inside of it.
 * Paths are text by decodeText, so that every name that a file system can hold can be said.
 * It is for one task: where directories lead is looked up once.
 */
export class Sysroot {
  /** Absolute; '' for the local system, whose paths are as they are. */
  readonly directory: string;
  readonly #directories = new Map<string, Thing>();

  constructor(directory: string) {
    const absolute = directory === '' ? '' : resolve(directory);
    this.directory = absolute === '/' ? '' : absolute;
  }

  /** Where a path leads on this machine, whether something is there or not; undefined: nowhere. */
  resolve(path: string): Uint8Array | undefined {
    if (this.directory === '') return encodeText(path);
    const inside = this.#walk(path)?.inside;
    // A sysroot that no machine runs in has an empty /dev; links to /dev/null mean the same there.
    if (inside === '/dev/null') return encodeText(inside);
    return inside === undefined ? undefined : this.#onHost(inside);
  }

  /**
   * The same for who says paths as text and opens what is there; undefined, too: a device, a FIFO or a socket is there,
   * or a name is no Unicode.
   */
  locate(path: string): string | undefined {
    if (this.directory === '') return path;
    const found = this.#walk(path);
    if (found === undefined || found.thing === 'other' || /\p{Surrogate}/u.test(found.inside))
      return undefined;
    return this.directory + found.inside;
  }

  /** undefined: there is nothing, or it cannot be reached. */
  async stat(path: string): Promise<Stats | undefined> {
    return (await this.find(path))?.facts;
  }

  /** As FoundFile.read; undefined, too: there is nothing. @param limit in bytes */
  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    return (await this.find(path))?.read(limit);
  }

  /** undefined: there is nothing, or it cannot be reached. */
  async find(path: string): Promise<FoundFile | undefined> {
    const host = this.resolve(path);
    if (host === undefined) return undefined;
    const place = Buffer.from(host);
    const facts = await unlessFailed(stat(place));
    if (facts === undefined) return undefined;
    const read = async (limit: number): Promise<Uint8Array | undefined> =>
      facts.isCharacterDevice() ? new Uint8Array() : unlessFailed(readRegularFile(place, limit));
    return { facts, read };
  }

  /** Follows a path as path_resolution(7) does, but for what is missing at its end. */
  #walk(path: string): { readonly inside: string; readonly thing: Thing } | undefined {
    if (path.length > MAX_PATH) return undefined;
    const names = path.split('/').reverse();
    let inside = '';
    let thing: Thing = 'directory';
    let links = 0;
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === '' || name === '.' || name === '..') {
        if (thing !== 'directory') return undefined;
        if (name === '..') inside = inside.slice(0, Math.max(inside.lastIndexOf('/'), 0));
        continue;
      }
      const place = `${inside}/${name}`;
      const found = names.length > 0 ? this.#directory(place) : this.#look(place);
      if (typeof found !== 'object') {
        inside = place;
        thing = found;
      } else {
        if (++links > MAX_LINKS) return undefined;
        if (found.link.startsWith('/')) inside = '';
        thing = 'directory';
        for (const next of found.link.split('/').reverse()) names.push(next);
      }
    }
    return { inside, thing };
  }

  #directory(place: string): Thing {
    if (!this.#directories.has(place)) this.#directories.set(place, this.#look(place));
    return this.#directories.get(place);
  }

  #look(place: string): Thing {
    const host = Buffer.from(this.#onHost(place));
    try {
      const status = lstatSync(host, { throwIfNoEntry: false });
      if (status?.isSymbolicLink() === true) {
        return { link: decodeText(readlinkSync(host, { encoding: 'buffer' })) };
      }
      if (status === undefined) return undefined;
      return status.isDirectory() ? 'directory' : status.isFile() ? 'file' : 'other';
    } catch {
      return undefined;
    }
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
