import { withModule } from '../../engine/files/moduleFile';
import { firstValue, inspectModule, type ModuleInfo } from '../../kmod/modinfo';
import { normalizeModuleName } from '../../kmod/name';
import { parseVermagic } from '../../kmod/vermagic';
import type { WorkspaceModule } from '../protocol';
import type { FoundModule, Logger } from './catalog';
import { Emitter } from './emitter';

/**
 * The modules of the editor's workspace, built there or named by a Kbuild file. They count before those of any
 * kernel: a module is known while it is being written, and what was built last is what it says.
 */
export class WorkspaceModules {
  readonly #changed = new Emitter();
  readonly onDidChange = this.#changed.on;
  #modules = new Map<string, WorkspaceModule>();
  /** By file; undefined: it can not be read. */
  #read = new Map<string, Promise<ModuleInfo | undefined>>();
  #infos = new Map<string, ModuleInfo>();

  constructor(private readonly logger: Logger) {}

  /** Takes over a list; what was read of the files before may have changed. */
  set(modules: readonly WorkspaceModule[]): void {
    this.#modules = new Map(modules.map((module) => [normalizeModuleName(module.name), module]));
    this.#read = new Map();
    this.#infos = new Map();
    this.#changed.fire();
  }

  has(name: string): boolean {
    return this.#modules.has(normalizeModuleName(name));
  }

  names(): string[] {
    return [...this.#modules.keys()];
  }

  /** Never waits; onDidChange tells when the file is read. */
  peekInfo(name: string): ModuleInfo | undefined {
    const module = this.#modules.get(normalizeModuleName(name));
    if (module?.file !== undefined && !this.#read.has(module.file)) {
      void this.#readInfo(module.file).then(() => this.#changed.fire());
    }
    return module?.file === undefined ? undefined : this.#infos.get(module.file);
  }

  /** undefined: it is no module of the workspace, or it is not built. */
  async get(name: string): Promise<FoundModule | undefined> {
    const file = this.#modules.get(normalizeModuleName(name))?.file;
    const info = file === undefined ? undefined : await this.#readInfo(file);
    return info && { info, origin: { label: 'built in this workspace', release: releaseOf(info) } };
  }

  #readInfo(file: string): Promise<ModuleInfo | undefined> {
    let read = this.#read.get(file);
    if (read === undefined) {
      const infos = this.#infos;
      read = withModule(file, (source) => inspectModule(source, file))
        .then(({ info }) => {
          infos.set(file, info);
          return info;
        })
        .catch((error: unknown) => {
          // It may be half written: the editor tells when it changes.
          this.logger.warn(`${file}: ${error instanceof Error ? error.message : String(error)}`);
          return undefined;
        });
      this.#read.set(file, read);
    }
    return read;
  }
}

const releaseOf = (info: ModuleInfo): string =>
  parseVermagic(firstValue(info, 'vermagic') ?? '').release || 'unknown';
