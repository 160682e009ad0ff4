import { inSlices } from '../../engine/base/slices';
import { KernelDirectory } from '../../engine/files/kernelDirectory';
import { BudgetError } from '../../kmod/budget';
import type { ModuleInfo } from '../../kmod/modinfo';
import { parameterText } from '../../kmod/modinfoText';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { ParameterTable } from '../../kmod/tree/search';
import type { LocalModulesDirectory } from '../../server/protocol';
import type { Target } from '../targets/target';
import { CoalescedRead } from './coalesced';
import { execute } from './command';
import { Emitter } from './emitter';
import type { LocalModules } from './localModules';
import { readParameterTable, scanParameterTable } from './parameterTable';
import type { TargetModules } from './targetModules';

/** The modules that can be loaded somewhere, and where that is. */
export interface AvailableSnapshot {
  /** "board-a", "this machine", "/srv/sysroot". */
  readonly label: string;
  readonly release: string;
  readonly tree: ModuleTree;
  readonly place:
    | { readonly kind: 'target'; readonly target: Target }
    | { readonly kind: 'local'; readonly directory: LocalModulesDirectory };
}

interface Parts {
  /** The target that is active and connected, if there is one. */
  readonly connected: () => { readonly target: Target; readonly release: string } | undefined;
  readonly targetModules: TargetModules;
  readonly localModules: LocalModules;
  /** Where this machine's modules are, or those of the configured sysroot. */
  readonly localDirectory: () => Promise<LocalModulesDirectory | undefined>;
  readonly warn: (message: string) => void;
}

/** The modules of the connected target, else of the configured sysroot, else of this machine. */
export class AvailableModules {
  private readonly changed = new Emitter();
  readonly onDidChange = this.changed.event;
  private current: AvailableSnapshot | undefined;
  private failure: Error | undefined;
  private settled = false;
  private parameterTable: ParameterTable | undefined;
  /** Kept while a target is connected, too. */
  private localTree: { readonly stamp: string; readonly result: AvailableSnapshot | BudgetError } | undefined;
  private readonly reading = new CoalescedRead(() => this.readOnce());

  constructor(private readonly parts: Parts) {}

  get snapshot(): AvailableSnapshot | undefined {
    return this.current;
  }

  /** Why the last read failed; undefined when it did not. */
  get error(): Error | undefined {
    return this.failure;
  }

  /** False until the first read has come to an end. */
  get isRead(): boolean {
    return this.settled;
  }

  /** The parameters of all modules, if they were read. */
  get parameters(): ParameterTable | undefined {
    return this.parameterTable;
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Reads anew where the source is another one, or depmod ran there. */
  refresh(): Promise<void> {
    return this.reading.run();
  }

  /** The file of a module on this machine; undefined: it is on a target, or there is none. */
  file(name: string): string | undefined {
    const path = this.current?.tree.path(name);
    if (path === undefined || this.current?.place.kind !== 'local') {
      return undefined;
    }
    return filesOf(this.current.place.directory).locate(path);
  }

  /** undefined: there is no such module. @throws ElfError, CompressedError, and what reading the file or the target throws */
  async info(name: string): Promise<ModuleInfo | undefined> {
    if (this.current?.place.kind === 'target') {
      return this.parts.targetModules.info(name);
    }
    const file = this.file(name);
    return file === undefined ? this.current?.tree.builtinInfo(name) : this.parts.localModules.get(file);
  }

  /** Reads the parameters of all modules: every file of the kernel's, so only when somebody asks for it. */
  async readParameters(signal: AbortSignal): Promise<void> {
    const snapshot = this.current;
    if (snapshot === undefined) {
      return;
    }
    const { place, tree, release } = snapshot;
    const files = place.kind === 'local' ? filesOf(place.directory) : undefined;
    const fileOf = (name: string): string | undefined => {
      const path = tree.path(name);
      return path === undefined ? undefined : files?.locate(path);
    };
    const installed =
      place.kind === 'target'
        ? await execute(place.target, readParameterTable(release), signal)
        : await scanParameterTable(
            tree,
            fileOf,
            (file, error) =>
              this.parts.warn(`${file}: ${error instanceof Error ? error.message : String(error)}`),
            signal,
          );
    const builtin = tree.builtinNames.map(
      (name) => [name, (tree.builtinInfo(name)?.parameters ?? []).map(parameterText)] as const,
    );
    if (this.current === snapshot) {
      this.parameterTable = new Map([...builtin, ...installed]);
    }
  }

  private async readOnce(): Promise<void> {
    const connection = this.parts.connected();
    try {
      const snapshot = await (connection === undefined ? this.readLocal() : this.readTarget(connection));
      // The target may have changed meanwhile: then this answer is about another machine.
      if (this.parts.connected()?.target === connection?.target) {
        this.settle(snapshot, undefined);
      }
    } catch (error) {
      if (this.parts.connected()?.target === connection?.target) {
        this.settle(undefined, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  private async readTarget({
    target,
    release,
  }: {
    readonly target: Target;
    readonly release: string;
  }): Promise<AvailableSnapshot | undefined> {
    const tree = await this.parts.targetModules.index();
    return tree && { label: target.name, release, tree, place: { kind: 'target', target } };
  }

  private async readLocal(): Promise<AvailableSnapshot | undefined> {
    const directory = await this.parts.localDirectory();
    if (directory === undefined) {
      return undefined;
    }
    const { label, release } = directory.origin;
    const files = filesOf(directory);
    const indexedAt = await files.indexedAt();
    if (indexedAt === undefined) {
      throw new Error(`${directory.directory} has no modules.dep (any more): run depmod`);
    }
    const stamp = `${directory.directory} ${indexedAt}`;
    if (this.localTree?.stamp !== stamp) {
      const tree = await readTree(files);
      const result =
        tree instanceof BudgetError
          ? tree
          : { label, release, tree, place: { kind: 'local', directory } as const };
      this.localTree = { stamp, result };
    }
    if (this.localTree.result instanceof BudgetError) {
      throw this.localTree.result;
    }
    return this.localTree.result;
  }

  private settle(snapshot: AvailableSnapshot | undefined, error: Error | undefined): void {
    if (snapshot?.tree !== this.current?.tree) {
      this.parameterTable = undefined;
    }
    this.current = snapshot;
    this.failure = error;
    this.settled = true;
    this.changed.fire();
  }
}

const filesOf = ({ sysroot, origin }: LocalModulesDirectory): KernelDirectory =>
  new KernelDirectory(sysroot, origin.release);

/** A tree that is ready for all questions; an error, where the directory's files are no kernel's. */
async function readTree(directory: KernelDirectory): Promise<ModuleTree | BudgetError> {
  try {
    const tree = await directory.readTree();
    await inSlices(tree.prepare());
    return tree;
  } catch (error) {
    if (error instanceof BudgetError) return error;
    throw error;
  }
}
