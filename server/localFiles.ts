import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Files } from './language/features/documentLinks';

/** Where configuration lies below the root of a system. */
const CONFIGURATION = /\/(?:etc|run|lib|usr\/lib|usr\/local\/lib)\/(?:modprobe\.d|modprobe\.conf)(?:\/|$)/;

/** The files of the system that a document belongs to: a sysroot by its own path, else this machine. */
export const localFiles: Files = {
  async find(path, uri) {
    if (!uri.startsWith('file:')) return undefined;
    const own = fileURLToPath(uri);
    const root = own.slice(0, Math.max(own.search(CONFIGURATION), 0));
    const file = join(root === '' ? '/' : root, path);
    return access(file).then(
      () => pathToFileURL(file).href,
      () => undefined,
    );
  },
};
