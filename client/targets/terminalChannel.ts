import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { beginningAtEnd, MarkedLine } from './marks';
import type { CommandChannel } from './remoteCommand';

/**
 * Takes the one stream of a terminal apart: what comes before the program's mark, and after its end, is
 * stderr, and what comes between is stdout.
 */
export class TerminalChannel extends EventEmitter implements CommandChannel {
  readonly stderr = new PassThrough();
  #part: 'before' | 'stdout' | 'after' = 'before';
  readonly #begin: MarkedLine;
  readonly #end: Buffer;
  /** What may be the beginning of the end's mark. */
  #held: Buffer = Buffer.alloc(0);

  constructor(
    private readonly channel: CommandChannel,
    private readonly marks: { readonly begin: string; readonly end: string },
  ) {
    super();
    // A question has no end of line, and must be seen; the mark begins a line.
    this.#begin = new MarkedLine(marks.begin, (bytes) => this.#pass(bytes));
    this.#end = Buffer.from(marks.end);
    channel.on('data', (chunk) => this.#take(chunk));
    channel.stderr.on('data', (chunk: Buffer) => void this.stderr.write(chunk));
    channel.on('error', () => this.emit('error'));
    channel.on('exit', (code, signal) => this.emit('exit', code, signal));
    channel.on('close', () => {
      this.#pass(this.#part === 'before' ? this.#begin.rest : this.#held);
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
    let bytes = chunk;
    if (this.#part === 'before') {
      const found = this.#begin.push(chunk);
      if (found === undefined) {
        return;
      }
      this.#pass(Buffer.from(`${this.marks.begin}${found.line}\n`));
      this.#part = 'stdout';
      bytes = found.after;
    }
    if (this.#part === 'stdout') {
      bytes = Buffer.concat([this.#held, bytes]);
      const end = bytes.indexOf(this.#end);
      const passed = end < 0 ? bytes.length - beginningAtEnd(this.#end, bytes) : end;
      this.#pass(bytes.subarray(0, passed));
      this.#held = end < 0 ? bytes.subarray(passed) : Buffer.alloc(0);
      if (end < 0) {
        return;
      }
      this.#part = 'after';
      bytes = bytes.subarray(end + this.#end.length);
    }
    this.#pass(bytes);
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
