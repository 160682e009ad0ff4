import { stat } from 'node:fs/promises';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { readTreeFiles } from '../../kmod/tree/treeFiles';
import { inSlices } from '../base/slices';
import { MODULE_INDEX } from './limits';
import { readRegularFile } from './regularFile';
import { Sysroot } from './sysroot';

/** The /lib/modules/RELEASE of this machine or of a sysroot, whose links all lead to places inside. For one task. */
export class KernelDirectory {
  readonly #sysroot: Sysroot;
  /** As seen from inside. */
  readonly #path: string;

  /** @param sysroot '' or '/': this machine's */
  constructor(sysroot: string, release: string) {
    this.#sysroot = new Sysroot(sysroot);
    this.#path = `/lib/modules/${release}`;
  }

  /** Where it is on this machine; undefined: nowhere. */
  get directory(): string | undefined {
    return this.#sysroot.locate(this.#path);
  }

  /**
   * Where a file is on this machine, by modules.dep's path of it: relative, or absolute as seen from inside.
   * undefined: a device, a FIFO or a socket is there, or depmod writes no such path.
   */
  locate(path: string): string | undefined {
    if (path.split('/').includes('..')) return undefined;
    return this.#sysroot.locate(path.startsWith('/') ? path : `${this.#path}/${path}`);
  }

  /** What depmod wrote; undefined: it is not there. @throws FileRefusedError, and the file system's other errors */
  async read(file: string): Promise<Buffer | undefined> {
    const path = this.locate(file);
    return path === undefined ? undefined : unlessMissing(readRegularFile(path, MODULE_INDEX));
  }

  /** All that depmod wrote, in slices. @throws BudgetError where it is no kernel's, and as read */
  async readTree(): Promise<ModuleTree> {
    const files = await readTreeFiles((file) => this.read(file));
    return inSlices(ModuleTree.inSteps((file) => files.get(file)));
  }

  /** When modules.dep was written, in milliseconds; undefined: depmod never ran here. @throws as read */
  async indexedAt(): Promise<number | undefined> {
    const path = this.locate('modules.dep');
    return path === undefined ? undefined : (await unlessMissing(stat(path)))?.mtimeMs;
  }
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
