import { readdir, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { inspectModule, type ModuleInfo } from '../../kmod/modinfo';
import { fileNameOfModule } from '../../kmod/name';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { withModule } from '../modules/moduleFile';
import type { CatalogOrigin } from '../protocol';
import type { ModuleIndex, ModuleSource } from './catalog';

export interface DirectoryChoice {
  /** The directory that stands for /; empty: this machine's own. */
  readonly sysroot: string;
  /** Empty: the running kernel's if it is there, else the newest. */
  readonly release: string;
}

/** There is no /lib/modules/RELEASE with a modules.dep. */
export class NoModulesError extends Error {
  override readonly name = 'NoModulesError';
  constructor(readonly directory: string) {
    super(`no kernel's modules.dep below ${directory}: install a kernel there, or run depmod`);
  }
}

/** A /lib/modules/RELEASE, here or below a sysroot. Its files are read when they are asked for. */
export class ModuleDirectory implements ModuleSource {
  #tree: Promise<ModuleTree> | undefined;

  private constructor(
    readonly origin: CatalogOrigin,
    readonly sysroot: string,
    readonly directory: string,
    private readonly indexedAt: number,
  ) {}

  /** @throws NoModulesError */
  static async open(choice: DirectoryChoice): Promise<ModuleDirectory> {
    const sysroot = choice.sysroot === '' ? '/' : choice.sysroot;
    const parent = join(sysroot, 'lib/modules');
    const chosen = choice.release === '' ? await chooseRelease(parent) : choice.release;
    const indexedAt = chosen === undefined ? undefined : await timeOfIndex(parent, chosen);
    if (chosen === undefined || indexedAt === undefined) {
      throw new NoModulesError(chosen === undefined ? parent : join(parent, chosen));
    }
    const label = choice.sysroot === '' ? 'this machine' : choice.sysroot;
    return new ModuleDirectory({ label, release: chosen }, sysroot, join(parent, chosen), indexedAt);
  }

  async readIndex(): Promise<ModuleIndex> {
    const tree = await this.#readTree();
    return { names: [...new Set([...tree.names, ...tree.builtinNames])], aliases: tree.namesOfAliases() };
  }

  async readInfo(name: string): Promise<ModuleInfo | undefined> {
    const path = await this.pathOf(name);
    if (path === undefined) return (await this.#readTree()).builtinInfo(name);
    return (await withModule(path, (source) => inspectModule(source, path))).info;
  }

  async resolve(alias: string): Promise<readonly string[]> {
    return (await this.#readTree()).resolve(alias);
  }

  async deviceAliases(prefix: string): Promise<readonly string[]> {
    return (await this.#readTree()).deviceAliases(prefix);
  }

  async dependants(name: string): Promise<readonly string[]> {
    return (await this.#readTree()).directDependants(name);
  }

  async fileName(name: string): Promise<string | undefined> {
    const path = (await this.#readTree()).path(name);
    return path && fileNameOfModule(path);
  }

  async parameters(name: string): Promise<ReadonlySet<string> | undefined> {
    const path = await this.pathOf(name);
    if (path === undefined) return undefined;
    // Few modules are looked at so closely.
    const { parameterNames } = await import('../../kmod/parameterNames');
    return withModule(path, (source) => parameterNames(source, path));
  }

  /** The file of a module, by its name with `_`; undefined: it is built in, or there is none. */
  async pathOf(name: string): Promise<string | undefined> {
    const path = (await this.#readTree()).path(name);
    if (path === undefined) return undefined;
    const file = join(isAbsolute(path) ? this.sysroot : this.directory, path);
    // A sysroot may come from anywhere: its modules.dep shall not lead out of it.
    return relative(this.sysroot, file).startsWith('..') ? undefined : file;
  }

  /** depmod ran since. */
  async isStale(): Promise<boolean> {
    return (await timeOfIndex(this.directory)) !== this.indexedAt;
  }

  #readTree(): Promise<ModuleTree> {
    return (this.#tree ??= ModuleTree.read((file) => unlessMissing(readFile(join(this.directory, file)))));
  }
}

async function chooseRelease(parent: string): Promise<string | undefined> {
  if ((await timeOfIndex(parent, release())) !== undefined) return release();
  const newestFirst = ((await unlessMissing(readdir(parent))) ?? []).sort((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  );
  for (const candidate of newestFirst) {
    if ((await timeOfIndex(parent, candidate)) !== undefined) return candidate;
  }
  return undefined;
}

/** When modules.dep was written (milliseconds); undefined: depmod never ran for this directory. */
async function timeOfIndex(...directory: string[]): Promise<number | undefined> {
  return (await unlessMissing(stat(join(...directory, 'modules.dep'))))?.mtimeMs;
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
