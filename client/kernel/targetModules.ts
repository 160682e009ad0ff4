import { inSlices } from '../../engine/base/slices';
import { BudgetError } from '../../kmod/budget';
import { sourceOf } from '../../kmod/bytes';
import { decompress } from '../../kmod/compressed';
import { readModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
import { isModuleName, normalizeModuleName } from '../../kmod/name';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { Target } from '../targets/target';
import { execute } from './command';
import { Emitter } from './emitter';
import { readModuleFile, unpackModuleFile } from './targetModuleFile';
import { parseTreeAnswer, readTree, TreeAnswerError, type TreeAnswer } from './targetTree';
import type { TreeCache } from './treeCache';

interface Connection {
  readonly target: Target;
  readonly release: string;
}

/** A module's file as it lies on a target. */
export interface TargetModuleFile {
  readonly target: string;
  /** The target's kernel. */
  readonly release: string;
  /** On the target. */
  readonly path: string;
  readonly bytes: Buffer;
}

interface Options {
  /** The target that is active and connected, if there is one. */
  readonly connected: () => Connection | undefined;
  /** Where trees outlive a session; without it they are read once a connection. */
  readonly cache?: TreeCache;
  /** Is told why a tree could not be kept, or not be read again; neither stops anything. */
  readonly onCacheError?: (error: unknown) => void;
}

/**
 * The installed modules of the connected target: read from its /lib/modules when first asked, and kept until
 * depmod runs or another target is connected.
 */
export class TargetModules {
  private readonly changed = new Emitter();
  /** Another set of modules is installed now. */
  readonly onDidChange = this.changed.event;
  private owner: Target | undefined;
  private tree: Promise<ModuleTree> | undefined;
  private readonly infos = new Map<string, Promise<ModuleInfo | undefined>>();

  constructor(private readonly options: Options) {}

  dispose(): void {
    this.changed.dispose();
  }

  /** Forgets what was read: the target is asked anew whether depmod ran. */
  reset(): void {
    this.forget();
    this.changed.fire();
  }

  /**
   * What depmod knows of the target's kernel, ready for all questions: none of them takes long.
   * @returns undefined: no target is connected.
   * @throws TreeAnswerError, BudgetError, and all that Target.run throws
   */
  async index(): Promise<ModuleTree | undefined> {
    const tree = await this.read();
    if (tree !== undefined) {
      await inSlices(tree.prepare());
    }
    return tree;
  }

  /** The names of all installed and built-in modules; empty when no target is connected. */
  async names(): Promise<string[]> {
    const tree = await this.read();
    return tree === undefined ? [] : [...new Set([...tree.names, ...tree.builtinNames])];
  }

  /** Patterns without ':' : names that a person may write. */
  async aliases(): Promise<readonly string[]> {
    const tree = await this.read();
    return tree === undefined ? [] : inSlices(tree.namesOfAliases());
  }

  /** Patterns with ':' that begin with a text; not all where these are many. */
  async deviceAliases(prefix: string): Promise<readonly string[]> {
    const tree = await this.read();
    return tree === undefined ? [] : inSlices(tree.deviceAliases(prefix));
  }

  /**
   * The file of an installed module; undefined: it is built in, or there is none.
   * @throws ModuleFileError, and all that Target.run throws
   */
  async file(name: string, signal?: AbortSignal): Promise<TargetModuleFile | undefined> {
    const tree = await this.read();
    const connection = this.options.connected();
    const path = isModuleName(name) ? tree?.path(name) : undefined;
    if (connection === undefined || path === undefined) {
      return undefined;
    }
    const { target, release } = connection;
    const file = path.startsWith('/') ? path : `/lib/modules/${release}/${path}`;
    const sent = await execute(target, readModuleFile(file), signal);
    return sent && { target: target.name, release, path: file, bytes: await unpackModuleFile(sent) };
  }

  /**
   * undefined: the target has no such module.
   * @throws ElfError, CompressedError, ModuleFileError, and all that Target.run throws
   */
  async info(name: string): Promise<ModuleInfo | undefined> {
    const tree = await this.read();
    if (tree === undefined || !isModuleName(name)) {
      return undefined;
    }
    const module = normalizeModuleName(name);
    let info = this.infos.get(module);
    if (info === undefined) {
      info = this.readInfo(tree, module);
      this.infos.set(module, info);
      info.catch(() => this.infos.delete(module));
    }
    return info;
  }

  /**
   * The names of all parameters of an installed module, with `_`, those too that modinfo does not list. It is not kept.
   * @returns undefined: it has no file, or that does not tell.
   * @throws ElfError, CompressedError, ModuleFileError, and all that Target.run throws
   */
  async parameters(name: string): Promise<ReadonlySet<string> | undefined> {
    const file = await this.file(name);
    if (file === undefined) {
      return undefined;
    }
    // Few modules are looked at so closely.
    const { parameterNames } = await import('../../kmod/parameterNames');
    return parameterNames(sourceOf(await decompress(file.bytes)), file.path);
  }

  private async readInfo(tree: ModuleTree, name: string): Promise<ModuleInfo | undefined> {
    if (tree.path(name) === undefined) {
      return tree.builtinInfo(name);
    }
    const file = await this.file(name);
    return file && readModuleInfo(file.bytes, file.path);
  }

  private read(): Promise<ModuleTree> | undefined {
    const connection = this.options.connected();
    if (connection?.target !== this.owner) {
      this.forget();
      this.owner = connection?.target;
    }
    if (connection === undefined) {
      return undefined;
    }
    if (this.tree === undefined) {
      const tree = this.readThroughCache(connection);
      this.tree = tree;
      tree.catch((error: unknown) => {
        // What is no kernel's stays so until depmod runs: it is not sent again for every question.
        if (this.tree === tree && !(error instanceof BudgetError)) {
          this.tree = undefined;
        }
      });
    }
    return this.tree;
  }

  /** What was kept is taken where the target says that its files are still the same. */
  private async readThroughCache(connection: Connection): Promise<ModuleTree> {
    const { target, release } = connection;
    const kept = await this.kept(connection);
    const answer = await execute(target, readTree(release, kept?.facts));
    if (answer !== undefined) {
      const { tree } = await parseTreeAnswer(answer);
      await this.inCache((cache) => cache.write(target.name, release, answer));
      return tree;
    }
    if (kept === undefined) {
      throw new TreeAnswerError('the target sent nothing');
    }
    return kept.tree;
  }

  private kept({ target, release }: Connection): Promise<TreeAnswer | undefined> {
    return this.inCache(async (cache) => {
      const answer = await cache.read(target.name, release);
      return answer && parseTreeAnswer(answer);
    });
  }

  private async inCache<T>(work: (cache: TreeCache) => Promise<T>): Promise<T | undefined> {
    try {
      return this.options.cache && (await work(this.options.cache));
    } catch (error) {
      this.options.onCacheError?.(error);
      return undefined;
    }
  }

  private forget(): void {
    this.tree = undefined;
    this.infos.clear();
  }
}
