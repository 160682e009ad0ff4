import { withoutStamp } from './kernelLog';

/** Lines of either side that are remembered: more than a console is behind, or a crash prints. */
const REMEMBERED = 4000;

const STAMP = /^\[ *\d+\.\d+\]/;

/**
 * One kernel log that arrives twice: by a connection, and by a serial console, which is slower and does not end
 * with the connection. Each line is let through once, and what the connection did not deliver is held until it is
 * known that it never will.
 */
export class LogMerge {
  #connected = false;
  /** @param kernelOnly whatever has no time stamp is passed over: others print on this console too */
  constructor(private readonly kernelOnly: boolean) {}

  /** What the connection delivered, and the console did not print yet. */
  readonly #delivered = new Set<string>();
  /** What the console printed while there was no connection. */
  readonly #shown = new Set<string>();
  /** What the console printed, and the connection did not deliver yet. */
  readonly #held = new Set<string>();

  /** The connection is there, and delivers the log from the oldest line that the kernel keeps. */
  connect(): void {
    this.#connected = true;
  }

  /** The connection is gone: what the console printed from now on is all there is. */
  disconnect(): void {
    this.#connected = false;
    this.#delivered.clear();
  }

  /** The lines of the console that the connection did not deliver, and now may never. */
  release(): string[] {
    const held = [...this.#held];
    this.#held.clear();
    held.forEach((line) => remember(this.#shown, line));
    // What others than the kernel print stands between its lines, or is no crash.
    const first = held.findIndex((line) => STAMP.test(line));
    return first < 0 ? held : held.slice(first);
  }

  /** A line that the console printed; what is to be shown of it now. */
  fromConsole(printed: string): string | undefined {
    const line = plain(printed);
    if (line === '' || (this.kernelOnly && !STAMP.test(line)) || this.#delivered.delete(line)) {
      return undefined;
    }
    remember(this.#connected ? this.#held : this.#shown, line);
    return this.#connected ? undefined : line;
  }

  /** A line that the connection delivered, as dmesg prints it; true: it was not shown before. */
  fromConnection(line: string): boolean {
    // printk.time may be off for the console alone.
    const texts = [plain(line), withoutStamp(line).trimEnd()];
    if (texts.filter((text) => this.#shown.delete(text)).length > 0) {
      return false;
    }
    if (texts.filter((text) => this.#held.delete(text)).length === 0) {
      texts.forEach((text) => remember(this.#delivered, text));
    }
    return true;
  }
}

/** Without the level that some put before a line, and without the caller (CONFIG_PRINTK_CALLER). */
function plain(line: string): string {
  return line
    .trimEnd()
    .replace(/^<\d+>/, '')
    .replace(/^(\[ *\d+\.\d+\])\[ *[TC]\d+\]/, '$1');
}

function remember(lines: Set<string>, line: string): void {
  lines.delete(line);
  lines.add(line);
  if (lines.size > REMEMBERED) {
    lines.delete(lines.values().next().value ?? '');
  }
}
