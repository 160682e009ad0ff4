import { release } from 'node:os';
import { join, resolve } from 'node:path';
import { inSlices } from '../../engine/base/slices';
import { namesIn } from '../../engine/files/directory';
import { KernelDirectory } from '../../engine/files/kernelDirectory';
import { withModule } from '../../engine/files/moduleFile';
import { Sysroot } from '../../engine/files/sysroot';
import { inspectModule, type ModuleInfo } from '../../kmod/modinfo';
import { fileNameOfModule } from '../../kmod/name';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
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
    const sysroot = resolve(choice.sysroot === '' ? '/' : choice.sysroot);
    const chosen = choice.release === '' ? await chooseRelease(sysroot) : choice.release;
    const kernel = chosen === undefined ? undefined : new KernelDirectory(sysroot, chosen);
    const indexedAt = await kernel?.indexedAt();
    const directory = kernel?.directory;
    if (chosen === undefined || indexedAt === undefined || directory === undefined) {
      throw new NoModulesError(join(sysroot, 'lib/modules', chosen ?? ''));
    }
    const label = choice.sysroot === '' ? 'this machine' : choice.sysroot;
    return new ModuleDirectory({ label, release: chosen }, sysroot, directory, indexedAt);
  }

  async readIndex(): Promise<ModuleIndex> {
    const tree = await this.#readTree();
    const names = [...new Set([...tree.names, ...tree.builtinNames])];
    return { names, aliases: await inSlices(tree.namesOfAliases()) };
  }

  async readInfo(name: string): Promise<ModuleInfo | undefined> {
    const path = await this.pathOf(name);
    if (path === undefined) return (await this.#readTree()).builtinInfo(name);
    return (await withModule(path, (source) => inspectModule(source, path))).info;
  }

  async resolve(alias: string): Promise<readonly string[]> {
    const tree = await this.#readTree();
    await inSlices(tree.prepareLookup());
    return tree.resolve(alias);
  }

  async deviceAliases(prefix: string): Promise<readonly string[]> {
    return inSlices((await this.#readTree()).deviceAliases(prefix));
  }

  async dependants(name: string): Promise<readonly string[]> {
    const tree = await this.#readTree();
    await inSlices(tree.prepareGraph());
    return tree.directDependants(name);
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
    return path === undefined ? undefined : this.#kernel().locate(path);
  }

  /** depmod ran since. */
  async isStale(): Promise<boolean> {
    return (await this.#kernel().indexedAt()) !== this.indexedAt;
  }

  #readTree(): Promise<ModuleTree> {
    return (this.#tree ??= this.#kernel().readTree());
  }

  #kernel(): KernelDirectory {
    return new KernelDirectory(this.sysroot, this.origin.release);
  }
}

async function chooseRelease(sysroot: string): Promise<string | undefined> {
  const isIndexed = async (candidate: string): Promise<boolean> =>
    (await new KernelDirectory(sysroot, candidate).indexedAt()) !== undefined;
  if (await isIndexed(release())) return release();
  const parent = new Sysroot(sysroot).locate('/lib/modules');
  const found = parent === undefined ? [] : await namesIn(parent).catch(() => []);
  const newestFirst = found.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const candidate of newestFirst) {
    if (await isIndexed(candidate)) return candidate;
  }
  return undefined;
}
