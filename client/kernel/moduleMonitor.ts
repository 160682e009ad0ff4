import type { Target } from '../targets/target';
import { CoalescedRead } from './coalesced';
import { execute } from './command';
import { listModules, readBuildIds, readParameters, type ParameterValue } from './commands';
import { Emitter } from './emitter';
import type { LoadedModule } from './procModules';

/** The loaded modules of one target at one moment, as its kernel told them. */
export interface ModulesSnapshot {
  readonly target: Target;
  readonly modules: readonly LoadedModule[];
  /** The build-ids of the user's own loaded modules, by module name; lower-case hex. */
  readonly buildIds: ReadonlyMap<string, string>;
}

/**
 * Keeps the list of loaded modules of the connected target: read after each command, and at an interval
 * while somebody looks. What it tells was read from the kernel, or it tells nothing.
 */
export class ModuleMonitor {
  private readonly changed = new Emitter();
  readonly onDidChange = this.changed.event;
  private current: ModulesSnapshot | undefined;
  private failure: Error | undefined;
  private readonly reading = new CoalescedRead(() => this.readOnce());
  private timer: NodeJS.Timeout | undefined;
  private readonly parameterReads = new Map<string, Promise<ParameterValue[]>>();

  /**
   * @param connected the target that is active and connected, if there is one
   * @param ownNames the names of the modules whose build-id matters
   */
  constructor(
    private readonly connected: () => Target | undefined,
    private readonly ownNames: () => ReadonlySet<string>,
  ) {}

  get snapshot(): ModulesSnapshot | undefined {
    return this.current;
  }

  /** Why the last read failed; undefined when it did not. */
  get error(): Error | undefined {
    return this.failure;
  }

  dispose(): void {
    this.poll(0);
    this.changed.dispose();
  }

  /** Reads the list now. Calls during a read lead to one more read after it. */
  refresh(): Promise<void> {
    return this.reading.run();
  }

  /** Reads at an interval (milliseconds); 0 ends that. */
  poll(interval: number): void {
    clearInterval(this.timer);
    this.timer = interval > 0 ? setInterval(() => void this.reading.join(), interval) : undefined;
  }

  /** A loaded module's parameters, read once per snapshot. */
  parameters(name: string): Promise<ParameterValue[]> {
    const target = this.current?.target;
    if (target === undefined) {
      return Promise.resolve([]);
    }
    let read = this.parameterReads.get(name);
    if (read === undefined) {
      read = execute(target, readParameters(name));
      this.parameterReads.set(name, read);
    }
    return read;
  }

  private async readOnce(): Promise<void> {
    const target = this.connected();
    if (target === undefined) {
      this.settle(undefined, undefined);
      return;
    }
    try {
      const modules = await execute(target, listModules());
      const own = this.ownNames();
      const names = modules.map(({ name }) => name).filter((name) => own.has(name));
      const buildIds = names.length === 0 ? new Map() : await execute(target, readBuildIds(names));
      // The target may have changed meanwhile: then this answer is about another machine.
      if (this.connected() === target) {
        this.settle({ target, modules, buildIds }, undefined);
      }
    } catch (error) {
      if (this.connected() === target) {
        this.settle(undefined, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  private settle(snapshot: ModulesSnapshot | undefined, error: Error | undefined): void {
    this.parameterReads.clear();
    this.current = snapshot;
    this.failure = error;
    this.changed.fire();
  }
}
