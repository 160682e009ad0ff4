import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../../engine/files/directory';

/** Milliseconds: what was made for a kernel that nobody has started for so long is removed. */
const KEPT = 30 * 24 * 3600 * 1000;

/** Says that it was used now. */
export function touch(path: string): Promise<void> {
  const now = new Date();
  return utimes(path, now, now);
}

/** Removes what has such a name and was not touched for long: kernels come and go, and each needs 100 MB here. */
export async function sweep(directory: string, names: RegExp): Promise<void> {
  for (const name of (await namesIn(directory)).filter((one) => names.test(one))) {
    const path = join(directory, name);
    const used = (await stat(path).catch(() => undefined))?.mtimeMs;
    if (used !== undefined && used < Date.now() - KEPT) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
