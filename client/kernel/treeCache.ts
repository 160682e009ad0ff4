import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../engine/files/directory';
import { OWN_FILE } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';

/** As many trees as are kept; those that were not used for the longest time go first. */
const MAX_TREES = 24;

/**
 * What targets told of their modules, on this machine's disk: one file for a kernel of a target, as it was sent.
 * Targets are hostile: no word of theirs is a part of a path.
 */
export class TreeCache {
  constructor(private readonly directory: string) {}

  /** undefined: nothing is kept. @throws Error of the file system */
  async read(target: string, release: string): Promise<Buffer | undefined> {
    try {
      return await readRegularFile(this.#path(target, release), OWN_FILE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** @throws Error of the file system */
  async write(target: string, release: string, answer: Uint8Array): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = this.#path(target, release);
    const unfinished = `${path}.${randomUUID()}`;
    try {
      await writeFile(unfinished, answer, { mode: 0o600 });
      await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
    await this.#prune();
  }

  #path(target: string, release: string): string {
    const key = createHash('sha256')
      .update(JSON.stringify([target, release]))
      .digest('hex');
    return join(this.directory, `${key}.tree`);
  }

  async #prune(): Promise<void> {
    const paths = (await namesIn(this.directory)).map((name) => join(this.directory, name));
    if (paths.length <= MAX_TREES) return;
    const written = await Promise.all(
      paths.map(async (path) => ({ path, time: (await stat(path)).mtimeMs })),
    );
    const oldest = written.sort((a, b) => b.time - a.time).slice(MAX_TREES);
    await Promise.all(oldest.map(({ path }) => rm(path, { force: true })));
  }
}
