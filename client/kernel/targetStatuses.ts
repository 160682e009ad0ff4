import type { TargetManager } from '../targets/targetManager';
import type { Target } from '../targets/target';
import { Emitter } from './emitter';
import { readStatus, type TargetStatus } from './targetStatus';

/** How the connected targets do: read when one is connected, and when its modules have changed. */
export class TargetStatuses {
  private readonly changed = new Emitter();
  readonly onDidChange = this.changed.event;
  private readonly statuses = new WeakMap<Target, TargetStatus>();
  private readonly asked = new WeakSet<Target>();
  private readonly subscription: { dispose(): void };

  constructor(
    private readonly manager: TargetManager,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.subscription = manager.onDidChange(() => this.update());
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  /** Undefined: it is not connected, or has not answered yet. */
  of(name: string): TargetStatus | undefined {
    const state = this.manager.state(name);
    return state.kind === 'connected' ? this.statuses.get(state.target) : undefined;
  }

  /** Reads a target's status again. */
  async refresh(target: Target): Promise<void> {
    this.asked.add(target);
    try {
      this.statuses.set(target, await readStatus(target));
      this.changed.fire();
    } catch (error) {
      // What a lost target does is told by its state.
      if (!target.lost.aborted) {
        this.onFailure(error);
      }
    }
  }

  private update(): void {
    for (const { name } of this.manager.definitions) {
      const state = this.manager.state(name);
      if (state.kind === 'connected' && !this.asked.has(state.target)) {
        void this.refresh(state.target);
      }
    }
  }
}
