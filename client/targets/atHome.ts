import { homedir } from 'node:os';

/** A path of a setting, in which `~/` is the home directory. */
export const atHome = (path: string | undefined): string | undefined =>
  path?.replace(/^~(?=\/|$)/, homedir());
