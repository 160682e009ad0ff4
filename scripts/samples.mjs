// Copies of the sample modules, to build in and to change.
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));

/** What Kbuild leaves beside the sources; the rest of it is hidden files. */
const PRODUCTS = /\.(ko|o|a|mod|mod\.c|symvers|order)$/;

/**
 * Copies a folder of samples/ without what was built in it. Files that are there already stay.
 * @param {string} name
 * @param {string} destination The copy itself, not the folder around it.
 */
export function copySample(name, destination) {
  cpSync(join(SAMPLES, name), destination, {
    recursive: true,
    force: false,
    filter: (source) => !PRODUCTS.test(source) && !basename(source).startsWith('.'),
  });
}
