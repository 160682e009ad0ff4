import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { CommandChannel } from './remoteCommand';

/**
 * Takes the one stream of a terminal apart: what comes before the program's mark, and after its end, is
 * stderr, and what comes between is stdout.
 */
export class TerminalChannel extends EventEmitter implements CommandChannel {
  readonly stderr = new PassThrough();
  #part: 'before' | 'stdout' | 'after' = 'before';
  #held = Buffer.alloc(0);

  constructor(
    private readonly channel: CommandChannel,
    private readonly marks: { readonly begin: string; readonly end: string },
  ) {
    super();
    channel.on('data', (chunk) => this.#take(chunk));
    channel.stderr.on('data', (chunk: Buffer) => void this.stderr.write(chunk));
    channel.on('error', () => this.emit('error'));
    channel.on('exit', (code, signal) => this.emit('exit', code, signal));
    channel.on('close', () => {
      this.#pass(this.#held);
      this.stderr.once('end', () => this.emit('close')).end();
    });
  }

  write(data: string | Uint8Array): void {
    this.channel.write(data);
  }

  /** A terminal has no end: the program was told how many bytes come. */
  end(data?: Uint8Array): void {
    if (data !== undefined) {
      this.channel.write(data);
    }
  }

  signal(name: string): void {
    this.channel.signal(name);
  }

  close(): void {
    this.channel.close();
  }

  #take(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    if (this.#part === 'before') {
      const start = this.#held.indexOf(this.marks.begin);
      const newline = start < 0 ? -1 : this.#held.indexOf('\n', start);
      if (newline < 0) {
        // A question has no end of line, and must be seen; the mark begins a line.
        this.#passUpTo(start < 0 ? this.#held.length - partOf(this.marks.begin, this.#held) : start);
        return;
      }
      this.#passUpTo(newline + 1);
      this.#part = 'stdout';
    }
    if (this.#part === 'stdout') {
      const end = this.#held.indexOf(this.marks.end);
      this.#passUpTo(end < 0 ? this.#held.length - partOf(this.marks.end, this.#held) : end);
      if (end < 0) {
        return;
      }
      this.#held = this.#held.subarray(this.marks.end.length);
      this.#part = 'after';
    }
    this.#passUpTo(this.#held.length);
  }

  #passUpTo(end: number): void {
    this.#pass(this.#held.subarray(0, end));
    this.#held = this.#held.subarray(end);
  }

  #pass(bytes: Buffer): void {
    if (bytes.length === 0) {
      return;
    }
    if (this.#part === 'stdout') {
      this.emit('data', bytes);
    } else {
      this.stderr.write(bytes);
    }
  }
}

/** How many of the last bytes may be the beginning of the mark. */
function partOf(mark: string, bytes: Buffer): number {
  let length = Math.min(mark.length - 1, bytes.length);
  while (bytes.toString('latin1', bytes.length - length) !== mark.slice(0, length)) {
    length -= 1;
  }
  return length;
}
