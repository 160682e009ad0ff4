import { inSlices } from '../../engine/base/slices';
import { BudgetError } from '../../kmod/budget';
import { ModuleLookup } from '../../kmod/config/lookup';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { Target } from '../targets/target';
import { CoalescedRead } from './coalesced';
import { execute } from './command';
import { readDevices, type DeviceTree } from './devices';
import { Emitter } from './emitter';
import { readTargetConfiguration } from './targetConfiguration';

/** The devices of one target at one moment, as its sysfs told them. */
export interface DevicesSnapshot extends DeviceTree {
  readonly target: Target;
  /** modprobe's look-up on that target; undefined: not read yet. */
  readonly lookup: ModuleLookup | undefined;
}

/** Keeps the devices of the connected target. What it tells was read from the kernel, or it tells nothing. */
export class DeviceMonitor {
  private readonly changed = new Emitter();
  readonly onDidChange = this.changed.event;
  private current: DevicesSnapshot | undefined;
  private failure: Error | undefined;
  private readonly reading = new CoalescedRead(() => this.readOnce());

  /**
   * @param connected the target that is active and connected, if there is one
   * @param tree the modules that are installed there
   */
  constructor(
    private readonly connected: () => Target | undefined,
    private readonly tree: () => Promise<ModuleTree | undefined>,
  ) {}

  get snapshot(): DevicesSnapshot | undefined {
    return this.current;
  }

  /** Why the last read failed; undefined when it did not. */
  get error(): Error | undefined {
    return this.failure;
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Reads the devices now. Calls during a read lead to one more read after it. */
  refresh(): Promise<void> {
    return this.reading.run();
  }

  /** Forgets what was read: it is not about the target that is connected now. */
  forget(): void {
    if (this.current !== undefined || this.failure !== undefined) {
      this.settle(undefined, undefined);
    }
  }

  private async readOnce(): Promise<void> {
    const target = this.connected();
    if (target === undefined) {
      this.forget();
      return;
    }
    try {
      const known = this.current?.target === target ? this.current.lookup : undefined;
      const devices = await inSlices(await execute(target, readDevices));
      this.settleFor(target, { ...devices, target, lookup: known });
      try {
        const tree = await this.tree();
        const configuration = await readTargetConfiguration(target);
        const lookup = tree === undefined ? undefined : new ModuleLookup(configuration, tree);
        this.settleFor(target, { ...devices, target, lookup });
      } catch (error) {
        if (!(error instanceof BudgetError)) throw error;
        // The devices are there, whatever the files of the modules are.
        this.settleFor(target, { ...devices, target, lookup: undefined }, error);
      }
    } catch (error) {
      if (this.connected() === target) {
        this.settle(undefined, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** The target may have changed meanwhile: then the answer is about another machine. */
  private settleFor(target: Target, snapshot: DevicesSnapshot, error?: Error): void {
    if (this.connected() === target) {
      this.settle(snapshot, error);
    }
  }

  private settle(snapshot: DevicesSnapshot | undefined, error: Error | undefined): void {
    this.current = snapshot;
    this.failure = error;
    this.changed.fire();
  }
}
