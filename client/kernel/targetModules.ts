import { readModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
import { isModuleName, normalizeModuleName } from '../../kmod/name';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import type { Target } from '../targets/target';
import { execute } from './command';
import { readFile } from './commands';
import { Emitter } from './emitter';

interface Connection {
  readonly target: Target;
  readonly release: string;
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

  /** @param connected the target that is active and connected, if there is one */
  constructor(private readonly connected: () => Connection | undefined) {}

  dispose(): void {
    this.changed.dispose();
  }

  /** Forgets what was read. */
  reset(): void {
    this.forget();
    this.changed.fire();
  }

  /** What depmod knows of the target's kernel; undefined: no target is connected. @throws all that Target.run throws */
  async index(): Promise<ModuleTree | undefined> {
    return this.read();
  }

  /** The names of all installed and built-in modules; empty when no target is connected. */
  async names(): Promise<string[]> {
    const tree = await this.read();
    return tree === undefined ? [] : [...new Set([...tree.names, ...tree.builtinNames])];
  }

  /** Patterns without ':' : names that a person may write. */
  async aliases(): Promise<readonly string[]> {
    return (await this.read())?.namesOfAliases() ?? [];
  }

  /** undefined: the target has no such module. @throws ElfError, CompressedError, and all that Target.run throws */
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

  private async readInfo(tree: ModuleTree, name: string): Promise<ModuleInfo | undefined> {
    const connection = this.connected();
    if (connection === undefined) {
      return undefined;
    }
    const path = tree.path(name);
    if (path === undefined) {
      return tree.builtinInfo(name);
    }
    const file = path.startsWith('/') ? path : `${directory(connection)}/${path}`;
    const bytes = await execute(connection.target, readFile(file));
    return bytes === undefined ? undefined : readModuleInfo(bytes, file);
  }

  private read(): Promise<ModuleTree> | undefined {
    const connection = this.connected();
    if (connection?.target !== this.owner) {
      this.forget();
      this.owner = connection?.target;
    }
    if (connection === undefined) {
      return undefined;
    }
    if (this.tree === undefined) {
      const tree = readTree(connection);
      this.tree = tree;
      tree.catch(() => {
        if (this.tree === tree) {
          this.tree = undefined;
        }
      });
    }
    return this.tree;
  }

  private forget(): void {
    this.tree = undefined;
    this.infos.clear();
  }
}

const directory = ({ release }: Connection): string => `/lib/modules/${release}`;

/** Files that are not there are empty: a board may have no /lib/modules at all. */
function readTree(connection: Connection): Promise<ModuleTree> {
  return ModuleTree.read((file) => execute(connection.target, readFile(`${directory(connection)}/${file}`)));
}
