import { readModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
import { isModuleName, normalizeModuleName } from '../../kmod/name';
import {
  parseModulesAlias,
  parseModulesBuiltin,
  parseModulesBuiltinModinfo,
  parseModulesDep,
  type ModuleDependencies,
} from '../../kmod/tree';
import type { Target } from '../targets/target';
import { execute } from './command';
import { readFile } from './commands';
import { Emitter } from './emitter';

/** What depmod wrote below /lib/modules/RELEASE of a target. */
interface Index {
  readonly modules: ReadonlyMap<string, ModuleDependencies>;
  readonly builtin: ReadonlySet<string>;
  readonly builtinInfo: ReadonlyMap<string, ModuleInfo>;
  /** Patterns without ':' : names that a person may write. */
  readonly aliases: readonly string[];
}

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
  private index: Promise<Index> | undefined;
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

  /** The names of all installed and built-in modules; empty when no target is connected. */
  async names(): Promise<string[]> {
    const index = await this.read();
    return index === undefined ? [] : [...new Set([...index.modules.keys(), ...index.builtin])];
  }

  async aliases(): Promise<readonly string[]> {
    return (await this.read())?.aliases ?? [];
  }

  /** undefined: the target has no such module. @throws ElfError, CompressedError, and all that Target.run throws */
  async info(name: string): Promise<ModuleInfo | undefined> {
    const index = await this.read();
    if (index === undefined || !isModuleName(name)) {
      return undefined;
    }
    const module = normalizeModuleName(name);
    let info = this.infos.get(module);
    if (info === undefined) {
      info = this.readInfo(index, module);
      this.infos.set(module, info);
      info.catch(() => this.infos.delete(module));
    }
    return info;
  }

  private async readInfo(index: Index, name: string): Promise<ModuleInfo | undefined> {
    const connection = this.connected();
    if (connection === undefined) {
      return undefined;
    }
    const builtin = index.builtinInfo.get(name);
    if (builtin !== undefined || index.builtin.has(name)) {
      return builtin ?? { name, entries: [], parameters: [] };
    }
    const path = index.modules.get(name)?.path;
    if (path === undefined) {
      return undefined;
    }
    const file = path.startsWith('/') ? path : `${directory(connection)}/${path}`;
    const bytes = await execute(connection.target, readFile(file));
    return bytes === undefined ? undefined : readModuleInfo(bytes, file);
  }

  private read(): Promise<Index> | undefined {
    const connection = this.connected();
    if (connection?.target !== this.owner) {
      this.forget();
      this.owner = connection?.target;
    }
    if (connection === undefined) {
      return undefined;
    }
    if (this.index === undefined) {
      const index = readIndex(connection);
      this.index = index;
      index.catch(() => {
        if (this.index === index) {
          this.index = undefined;
        }
      });
    }
    return this.index;
  }

  private forget(): void {
    this.index = undefined;
    this.infos.clear();
  }
}

const directory = ({ release }: Connection): string => `/lib/modules/${release}`;

/** Files that are not there are empty: a board may have no /lib/modules at all. */
async function readIndex(connection: Connection): Promise<Index> {
  const read = async (name: string): Promise<Buffer> =>
    (await execute(connection.target, readFile(`${directory(connection)}/${name}`))) ?? Buffer.alloc(0);
  const modules = parseModulesDep((await read('modules.dep')).toString());
  const builtin = parseModulesBuiltin((await read('modules.builtin')).toString());
  const builtinInfo = parseModulesBuiltinModinfo(await read('modules.builtin.modinfo'));
  const aliases = parseModulesAlias((await read('modules.alias')).toString());
  const names = [
    ...aliases.map(({ pattern }) => pattern),
    ...[...builtinInfo.values()].flatMap(({ entries }) =>
      entries.filter(({ key }) => key === 'alias').map(({ value }) => value),
    ),
  ];
  return {
    modules,
    builtin,
    builtinInfo,
    aliases: [...new Set(names.filter((pattern) => !pattern.includes(':')))],
  };
}
