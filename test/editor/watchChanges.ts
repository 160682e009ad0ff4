import { existsSync, readFileSync } from 'node:fs';
import { vi } from 'vitest';
import type { Usage, Watch } from './watch';

/** MB of one process at a time. */
const MAX_MEMORY = 400;
/** Seconds of one turn of a loop. The clock goes on where a machine is busy with other work: so it gets more. */
const MAX_TURN = { processor: 2, wall: 15 };
/** Seconds of the processor in a second of the clock, of processes that have nothing to do. */
const IDLE = 0.3;
/** Milliseconds until they have nothing to do. */
const REST_LIMIT = 45_000;

/** What is new since it was asked last: so the trap is named that brought it about. */
export class WatchChanges {
  #before = new Map<number, Usage>();
  #marks = 0;

  constructor(
    private readonly watch: Watch,
    private readonly marker: string,
  ) {}

  /** Waits until the processes have nothing to do. @throws if they go on */
  async rest(): Promise<void> {
    const used = (): number => this.watch.look().reduce((sum, { processor }) => sum + processor, 0);
    let before = -Infinity;
    const look = (): void => {
      const now = used();
      const since = now - before;
      before = now;
      if (since > IDLE) throw new Error(`${since.toFixed(1)} s of the processor in a second`);
    };
    await vi.waitFor(look, { timeout: REST_LIMIT, interval: 1000 });
  }

  /** What a process took more of than it may, and than it took before. */
  excesses(): string[] {
    const found = this.watch.look().flatMap((usage) => excessesOf(usage, this.#before.get(usage.pid)));
    this.#before = new Map(this.watch.look().map((usage) => [usage.pid, usage]));
    return found;
  }

  /** The programs of the workspace that were run. */
  marks(): string[] {
    const all = existsSync(this.marker) ? readFileSync(this.marker, 'utf8').trimEnd().split('\n') : [];
    return all.slice(this.#marks, (this.#marks = all.length));
  }
}

function excessesOf({ name, peak, longest, ended }: Usage, before: Usage | undefined): string[] {
  const megabytes = peak / 2 ** 20;
  const grew = peak > (before?.peak ?? 0);
  const turn = (clock: 'processor' | 'wall'): string[] =>
    longest[clock] > Math.max(MAX_TURN[clock], before?.longest[clock] ?? 0)
      ? [`${name}: one turn of its loop took ${longest[clock].toFixed(1)} s (${clock})`]
      : [];
  return [
    ...(grew && megabytes > MAX_MEMORY ? [`${name}: ${megabytes.toFixed(0)} MB`] : []),
    ...(ended && before?.ended !== true ? [`${name}: ended, for it took all memory`] : []),
    ...turn('processor'),
    ...turn('wall'),
  ];
}
