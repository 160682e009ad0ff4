import type { Dirent } from 'node:fs';
import { entriesOf } from '../../engine/files/directory';
import { SYSTEM_CONFIGURATION } from '../../engine/files/limits';
import type { Sysroot } from '../../engine/files/sysroot';
import type { ConfigurationFiles, DirectoryEntry, Listing } from '../../kmod/config/configurationFiles';
import { decodeText } from '../../kmod/text';
import { strerror } from '../systemError';

/** The configuration of a system: this one, or one below a directory. */
export class SystemConfigurationFiles implements ConfigurationFiles {
  constructor(private readonly sysroot: Sysroot) {}

  async list(path: string): Promise<Listing> {
    const facts = await this.sysroot.stat(path);
    if (facts === undefined) return { kind: 'missing' };
    if (!facts.isDirectory()) return { kind: 'file' };
    try {
      return { kind: 'directory', entries: await this.#entriesOf(path) };
    } catch (error) {
      return { kind: 'unreadable', reason: strerror(error as NodeJS.ErrnoException) };
    }
  }

  async read(path: string): Promise<string | undefined> {
    const bytes = await this.sysroot.read(path, SYSTEM_CONFIGURATION);
    return bytes && decodeText(bytes);
  }

  async #entriesOf(path: string): Promise<DirectoryEntry[]> {
    const host = this.sysroot.resolve(path);
    const entries: DirectoryEntry[] = [];
    // Latin-1 gives the bytes of the names, in the order of the file system: so kmod meets them.
    for await (const entry of entriesOf(Buffer.from(host ?? ''), { encoding: 'latin1' })) {
      const name = decodeText(Buffer.from(entry.name, 'latin1'));
      entries.push({ name, kind: await this.#kindOf(`${path}/${name}`, entry) });
    }
    return entries;
  }

  async #kindOf(path: string, entry: Dirent): Promise<DirectoryEntry['kind']> {
    if (entry.isDirectory()) return 'directory';
    if (entry.isFile()) return 'file';
    const facts = await this.sysroot.stat(path);
    if (facts === undefined) return 'missing';
    return facts.isDirectory() ? 'directory' : 'file';
  }
}
