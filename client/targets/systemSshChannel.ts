import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { PassThrough } from 'node:stream';
import { startProgram, type ChildProcess } from '../../engine/base/startProgram';
import { beginningAtEnd } from './marks';
import { quote } from './quote';
import type { CommandChannel } from './remoteCommand';
import { explainNoCommand, plainWords } from './sshFailure';

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

const CODE_DIGITS = 3;

/** ssh's own exit code. */
const SSH_FAILED = 255;

/** Bytes that may come before the first mark: a login script prints some. */
const PREAMBLE_LIMIT = 1024 * 1024;

/** Passes on what a stream says between two marks; behind the second one stands the exit code. */
class BetweenMarks {
  readonly #begin: Buffer;
  readonly #finish: Buffer;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  #held: Buffer = Buffer.alloc(0);
  #began = false;

  constructor(
    begin: string,
    finish: string,
    private readonly began: () => void,
    private readonly pass: (chunk: Buffer) => void,
  ) {
    this.#begin = Buffer.from(begin);
    this.#finish = Buffer.from(finish);
  }

  /** @returns false: it says too much before it begins */
  push(chunk: Buffer): boolean {
    this.#held = Buffer.concat([this.#held, chunk]);
    if (!this.#began) {
      const [early, begins] = this.#upTo(this.#begin);
      this.#early.push(early);
      this.#earlyBytes += early.length;
      if (!begins) {
        return this.#earlyBytes <= PREAMBLE_LIMIT;
      }
      this.#began = true;
      this.#held = this.#held.subarray(this.#begin.length);
      this.began();
    }
    const [said, ends] = this.#upTo(this.#finish);
    if (said.length > 0) {
      this.pass(said);
    }
    if (ends) {
      // Behind the code comes only what the command left running.
      this.#held = this.#held.subarray(0, this.#finish.length + CODE_DIGITS);
    }
    return true;
  }

  /** What is left: of a command that began, nothing but its code. */
  get rest(): { text: string; code: number | undefined } {
    const text = Buffer.concat(this.#began ? [this.#held] : [...this.#early, this.#held]).toString();
    const finish = this.#finish.toString();
    return this.#began && text.startsWith(finish)
      ? { text: '', code: Number.parseInt(text.slice(finish.length), 10) }
      : { text, code: undefined };
  }

  /** Takes what comes before the mark, or before what may be its beginning. */
  #upTo(mark: Buffer): [before: Buffer, found: boolean] {
    const at = this.#held.indexOf(mark);
    const end = at >= 0 ? at : this.#held.length - beginningAtEnd(mark, this.#held);
    const before = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
    return [before, at >= 0];
  }
}

/** Pieces of stdout, of at most 64 KiB each, that are held until the command is seen to begin. */
const MOST_EARLY = 64;

/**
 * A command over a shared connection of ssh's. ssh tells no signals, and exits with 255 for the program as
 * for itself: the shell there tells how the command ended, at the end of stderr. A code above 128 is taken
 * for a signal, as that shell means it.
 */
export class ShareChannel extends EventEmitter implements CommandChannel {
  readonly stderr = new PassThrough();
  /** Settles when the command's shell begins; rejects with what was said instead. */
  readonly opened: Promise<void>;
  readonly #child: ChildProcess;

  constructor(socket: string, commandLine: string, terminal: boolean) {
    super();
    const begin = `kmod-begin-${randomBytes(8).toString('hex')}:`;
    const finish = `kmod-end-${randomBytes(8).toString('hex')}:`;
    const line = `printf %s ${begin} >&2; /bin/sh -c ${quote(commandLine)}; echo ${finish}$? >&2`;
    const settings = ['ControlMaster=no', 'BatchMode=yes', 'LogLevel=ERROR', 'ProxyCommand=false'];
    this.#child = startProgram(
      'ssh',
      [
        ...['-F', 'none', '-S', socket, '-e', 'none', terminal ? '-tt' : '-T'],
        // Without the shared connection ssh would make one of its own: it must fail.
        ...settings.flatMap((setting) => ['-o', setting]),
        ...['--', 'target', line],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on('error', () => this.emit('error'));
    this.on('error', () => undefined);
    this.opened = new Promise((resolve, reject) => {
      const early: Buffer[] = [];
      let hasBegun = false;
      // After `opened` has told: who listens then has the first bytes too.
      const tell = (chunk: Buffer): void => queueMicrotask(() => this.emit('data', chunk));
      // It may be read before stderr, where the mark is that tells the beginning.
      const passStdout = (chunk: Buffer): void => {
        if (hasBegun) {
          tell(chunk);
        } else if (early.push(chunk) > MOST_EARLY) {
          this.close();
        }
      };
      const began = (): void => {
        resolve();
        hasBegun = true;
        early.forEach(tell);
      };
      const passStderr = (chunk: Buffer): void => void this.stderr.write(chunk);
      const marked = new BetweenMarks(begin, finish, began, terminal ? passStdout : passStderr);
      const takeMarked = (chunk: Buffer): void => {
        if (!marked.push(chunk)) {
          this.close();
        }
      };
      stdout?.on('data', terminal ? takeMarked : passStdout);
      stderr?.on('data', terminal ? passStderr : takeMarked);
      this.#child.once('error', reject);
      this.#child.once('close', (status) => {
        const { text, code } = marked.rest;
        const said = `${Buffer.concat(early).toString()}\n${text}`;
        reject(
          new Error(status === SSH_FAILED && text.trim() !== '' ? plainWords(text) : explainNoCommand(said)),
        );
        this.stderr.once('end', () => this.#tellEnd(code)).end(text);
      });
    });
    this.opened.catch(() => undefined);
  }

  write(data: string | Uint8Array): void {
    this.#child.stdin?.write(data);
  }

  end(data?: Uint8Array): void {
    this.#child.stdin?.end(data ?? '');
  }

  /** There is no way to send one. */
  signal(): void {
    return undefined;
  }

  close(): void {
    this.#child.kill();
  }

  #tellEnd(code: number | undefined): void {
    if (code !== undefined) {
      const signal = code > 128 ? SIGNALS.get(code - 128) : undefined;
      this.emit('exit', signal === undefined ? code : null, signal);
    }
    this.emit('close');
  }
}
