import type { Stats } from 'node:fs';
import { readFile, readlink, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodeText, encodeText } from '../../kmod/text';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/** Larger files are not read: nothing that modprobe reads comes near. */
const MAX_BYTES = 256 << 20;

/**
 * A directory that stands for `/`, as in a chroot: links in it, absolute ones too, lead to places inside of it.
 * Paths are text by decodeText, so that every name that a file system can hold can be said.
 */
export class Sysroot {
  /** Absolute; '' for the local system. */
  readonly directory: string;

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
    const host = await this.resolve(path);
    return host && unlessFailed(stat(Buffer.from(host)));
  }

  /** undefined: it cannot be read, or is neither a regular file nor a device (which is taken for /dev/null). */
  async read(path: string): Promise<Uint8Array | undefined> {
    const facts = await this.stat(path);
    if (facts?.isCharacterDevice() === true) return new Uint8Array();
    if (facts?.isFile() !== true || facts.size > MAX_BYTES) return undefined;
    const host = await this.resolve(path);
    return host && unlessFailed(readFile(Buffer.from(host)));
  }

  async #followLinks(path: string): Promise<string | undefined> {
    const pending = path.split('/');
    let done: string[] = [];
    for (let links = 0; links <= MAX_LINKS;) {
      const name = pending.shift();
      if (name === undefined) return `/${done.join('/')}`;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        done.pop();
        continue;
      }
      done.push(name);
      const link = Buffer.from(this.#onHost(`/${done.join('/')}`));
      const target = await unlessFailed(readlink(link, { encoding: 'buffer' }));
      if (target === undefined) continue;
      const text = decodeText(target);
      links++;
      done = text.startsWith('/') ? [] : done.slice(0, -1);
      pending.unshift(...text.split('/'));
    }
    return undefined;
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
