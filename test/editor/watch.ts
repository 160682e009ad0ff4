import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './session';

/** Bytes; a process that has more is ended, before it takes the memory of the machine. */
const TOO_MUCH = 1.5 * 2 ** 30;

/** Milliseconds between two looks. */
const PERIOD = 200;

/** Ticks of the clock in a second: sysconf(_SC_CLK_TCK) of all Linux architectures. */
const TICKS = 100;

/** What a process used from its start on. */
export interface Usage {
  readonly name: string;
  readonly pid: number;
  /** The most memory at a time, bytes. */
  readonly peak: number;
  /** Of one turn of its loop: seconds by the clock, and of the processor. */
  readonly longest: { readonly wall: number; readonly processor: number };
  /** Seconds of the processor. */
  readonly processor: number;
  /** It took too much memory, and was ended for that. */
  readonly ended: boolean;
}

interface Beat {
  readonly name: string;
  readonly worst: { readonly wall: number; readonly processor: number };
  readonly at: number;
}

/** Watches the extension host and the language server from outside, by what the watcher in them notes and by /proc. */
export class Watch {
  readonly #usages = new Map<number, Usage>();
  readonly #timer = setInterval(() => this.look(), PERIOD);

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** The development extension that watches, and the environment that tells it where to. */
  readonly extension = join(PROJECT, 'test/editor/watcher');
  get env(): Record<string, string> {
    return { KMOD_WATCH: this.folder };
  }

  /** What each process took, on a line. */
  summary(): string {
    const told = this.look().map(({ name, peak, longest, processor }) => {
      const [wall, own] = [longest.wall, longest.processor].map((seconds) => seconds.toFixed(1));
      return `${name} ${(peak / 2 ** 20).toFixed(0)} MB, ${processor.toFixed(0)} s, longest turn ${own} s (${wall} s by the clock)`;
    });
    return told.join('; ');
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Every process that there was, as it is now or was at its end. */
  look(): Usage[] {
    for (const file of readdirSync(this.folder).filter((name) => name.endsWith('.json'))) {
      const pid = Number.parseInt(file, 10);
      const status = read(`/proc/${pid}/status`);
      const stat = read(`/proc/${pid}/stat`);
      const peak = Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
      const known = this.#usages.get(pid);
      if (peak > 0 && known?.ended !== true) {
        const { name, worst, at } = JSON.parse(read(join(this.folder, file))) as Beat;
        // A loop that stands still notes nothing.
        const still = Math.max(0, Date.now() - at);
        const ticks = stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ')
          .slice(11, 13);
        const processor = ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS;
        const ended = peak > TOO_MUCH;
        const longest = { wall: Math.max(worst.wall, still) / 1000, processor: worst.processor / 1000 };
        this.#usages.set(pid, { name, pid, peak, processor, longest, ended });
        if (ended) process.kill(pid, 'SIGKILL');
      }
    }
    return [...this.#usages.values()];
  }

  /** The programs that our code started, each with its arguments. */
  programs(): string[][] {
    return read(join(this.folder, 'programs'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string[]);
  }
}

const read = (path: string): string => {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  } catch {
    // A process that has just ended.
    return '';
  }
};
