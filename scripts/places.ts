import { join } from 'node:path';

/** The bundles of the scripts are in dist/scripts. */
const ROOT = join(__dirname, '../..');

export const SCRATCH_CACHE = join(ROOT, '.cache/scratch');
export const HELLO = join(ROOT, 'samples/hello');
export const KERNELS_CACHE = join(ROOT, '.cache/kernels');
