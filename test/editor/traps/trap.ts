import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of a trap that a person clicks, and points at. */
export interface Look {
  /** Below the trap's folder; its last part may be a piece of the name alone. */
  readonly path: string;
  /** The page of a module, or a text editor. */
  readonly as: 'page' | 'text';
  /** Where the hover is asked for: line and column, from 1. */
  readonly hover?: readonly [line: number, column: number];
}

/** One folder of the hostile workspace. */
export interface Trap {
  readonly looks: readonly Look[];
  lay(folder: TrapFolder): void;
}

/** Writes the files of one folder. */
export class TrapFolder {
  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
  }

  /** @param mode of the file, such as 0o755 */
  file(name: string, content: string | Uint8Array, mode = 0o644): string {
    const path = this.#place(name);
    writeFileSync(path, content, { mode });
    return path;
  }

  link(name: string, target: string): void {
    symlinkSync(target, this.#place(name));
  }

  /** A pipe that nobody writes to. */
  pipe(name: string): void {
    execFileSync('mkfifo', [this.#place(name)]);
  }

  #place(name: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }
}

/** A line for each number from 0, with a line end. */
export const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
