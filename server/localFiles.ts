import { fileURLToPath, pathToFileURL } from 'node:url';
import { Sysroot } from '../engine/files/sysroot';
import type { Files } from './language/features/documentLinks';

/** Where configuration lies below the root of a system. */
const CONFIGURATION =
  /^(.*?)\/(?:etc|run|usr\/local\/lib|usr\/lib|lib)\/(?:modprobe\.d|modules-load\.d|depmod\.d)\/[^/]+$/;

/** The root of the system that a configuration file lies in: '' for this machine; undefined: it lies elsewhere. */
export function rootOf(path: string): string | undefined {
  return CONFIGURATION.exec(path)?.[1];
}

/** The files of the system that a document belongs to: a sysroot by its own path, else this machine. */
export const localFiles: Files = {
  async find(path, uri) {
    if (!uri.startsWith('file:')) return undefined;
    const sysroot = new Sysroot(rootOf(fileURLToPath(uri)) ?? '');
    const file = sysroot.locate(path);
    return file === undefined || (await sysroot.stat(path)) === undefined
      ? undefined
      : pathToFileURL(file).href;
  },
};
