import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { TooManyEntriesError } from './fileErrors';
import { DIRECTORY_ENTRIES, TREE_ENTRIES } from './limits';

/** Entries that the file system is asked for at once. */
const BATCH = 512;

/**
 * The entries of a directory, in the file system's order.
 * @param encoding of their names; latin1 keeps bytes as they are
 * @throws TooManyEntriesError, and the file system's errors
 */
export async function* entriesOf(
  path: string | Buffer,
  { encoding = 'utf8', limit = DIRECTORY_ENTRIES }: { encoding?: BufferEncoding; limit?: number } = {},
): AsyncGenerator<Dirent> {
  let count = 0;
  // Not readdir(), which first makes a list of all there are.
  for await (const entry of await opendir(path, { encoding, bufferSize: BATCH })) {
    if (++count > limit) throw new TooManyEntriesError(String(path), limit);
    yield entry;
  }
}

/** The entries of a directory, by name. @throws as entriesOf */
export async function readDirectory(path: string | Buffer, limit = DIRECTORY_ENTRIES): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of entriesOf(path, { limit })) entries.push(entry);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names in a directory, sorted. @throws as entriesOf */
export async function namesIn(path: string): Promise<string[]> {
  return (await readDirectory(path)).map(({ name }) => name);
}

/**
 * All that is below a directory, directories before what is in them. Links are told and not followed.
 * @throws as entriesOf
 */
export async function readTree(root: string): Promise<{ readonly path: string; readonly entry: Dirent }[]> {
  const found: { path: string; entry: Dirent }[] = [];
  const waiting = [root];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const entry of await readDirectory(directory, TREE_ENTRIES - found.length)) {
      const path = join(directory, entry.name);
      found.push({ path, entry });
      if (entry.isDirectory()) waiting.push(path);
    }
  }
  return found;
}
