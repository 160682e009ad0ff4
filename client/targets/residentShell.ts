import { EventEmitter } from 'node:events';
import { beginningAtEnd, MARKED_LINE, MarkedLine } from './marks';
import type { CommandChannel } from './remoteCommand';
import type { ShellLine } from './script';

/**
 * One shell of the target that stays, and runs a command after the other: a command costs one round trip and the
 * start of its own process, where a channel of its own costs two, and the server's and a shell's process more.
 * What a command gets as its stdin is a part of its line: whatever becomes of the command, the shell never takes
 * data for commands.
 */
export class ResidentShell {
  readonly #stdout = new Frames(() => this.close());
  readonly #stderr = new Frames(() => this.close());
  #commands = 0;
  #running: ShellCommand | undefined;
  #closed = false;
  /** True once it answers; false when it ended before: the server lets no shell run. */
  readonly ready: Promise<boolean>;

  /**
   * @param channel on which START runs
   * @param mark random, so that no program prints it by accident
   */
  constructor(
    private readonly channel: CommandChannel,
    private readonly mark: string,
  ) {
    channel.on('data', (chunk) => this.#stdout.write(chunk));
    channel.stderr.on('data', (chunk: Buffer) => this.#stderr.write(chunk));
    channel.on('error', () => undefined);
    this.ready = new Promise((resolve) => {
      channel.on('close', () => {
        this.#closed = true;
        this.#running?.emit('close');
        resolve(false);
      });
      // What a login script printed comes before the first answer, and is dropped.
      this.#frame({ stdout: () => undefined, stderr: () => undefined, end: () => resolve(true) });
    });
    channel.write(`${this.#end('0')}\n`);
  }

  get busy(): boolean {
    return !this.#closed && this.#running !== undefined;
  }

  /** It takes no more commands. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Starts a command; it looks as if it had a channel of its own.
   * @param line with its stdin, and without an end of its own: "exec 'cat' '/proc/modules' </dev/null"
   */
  start({ text, answers }: ShellLine): CommandChannel {
    const command = new ShellCommand(() => this.close());
    this.#running = command;
    this.#frame({
      stdout: (chunk) => command.emit('data', chunk),
      stderr: announcedFirst(this.mark, (chunk) => command.stderr.emit('data', chunk)),
      end: (status) => {
        this.#running = undefined;
        command.finish(Number(status));
      },
    });
    this.channel.write(answers ? this.#answering(text) : this.#waitedFor(text));
    return command;
  }

  /**
   * Has a few bytes go there and back, and does not wait for them: after a rest TCP sends one segment and waits until it
   * is acknowledged (RFC 5681, 4.1), which a receiver with nothing to say puts off. The next command need not.
   */
  wake(): void {
    this.#commands += 1;
    const nothing = (): void => undefined;
    this.#stdout.begin({ mark: Buffer.from(this.#endMark), onData: nothing, onEnd: nothing });
    this.channel.write(`echo ${this.#endMark}\n`);
  }

  /** Ends the shell; a command that still runs is not waited for. */
  close(): void {
    this.#closed = true;
    this.channel.close();
  }

  /** Begins a frame on both streams; `end` comes when both have ended. */
  #frame({ stdout, stderr, end }: FrameReader): void {
    this.#commands += 1;
    const mark = Buffer.from(this.#endMark);
    let open = 2;
    let status = '';
    const ended = (): void => {
      open -= 1;
      if (open === 0) {
        end(status);
      }
    };
    const told = (line: string): void => {
      status = line;
      ended();
    };
    this.#stdout.begin({ mark, onData: stdout, onEnd: told });
    this.#stderr.begin({ mark, onData: stderr, onEnd: ended });
  }

  #waitedFor(text: string): string {
    return `${text} & echo ${this.mark}$! >&2; wait $!; kmod_status=$?; ${this.#end('$kmod_status')}\n`;
  }

  /** It is heard of on stdout alone, from itself; where that fails, from its exit code. */
  #answering(text: string): string {
    const end = this.#endMark;
    return `answered() { trap '' HUP INT TERM; printf '%s${end}0\\n' "$1"; }
{ ${text}; } 2>/dev/null & echo "${this.mark}$!
${end}0" >&2; wait $!; kmod_status=$?; [ $kmod_status = 0 ] || echo ${end}$kmod_status
`;
  }

  #end(status: string): string {
    return `echo ${this.#endMark}${status}; echo ${this.#endMark}${status} >&2`;
  }

  /** Another one for each command: what an earlier one left running prints none of them. */
  get #endMark(): string {
    return `${this.mark.slice(0, -1)}.${this.#commands}=`;
  }
}

/** The command line of a resident shell: whatever the login's own shell is, it becomes the POSIX one. */
export const START = 'exec /bin/sh';

interface FrameReader {
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
  readonly end: (status: string) => void;
}

/** Signals that end a program, as a shell tells them (128 and the number), by the numbers that all of Linux shares. */
const SIGNALS = new Map([
  [1, 'HUP'],
  [2, 'INT'],
  [3, 'QUIT'],
  [4, 'ILL'],
  [6, 'ABRT'],
  [8, 'FPE'],
  [9, 'KILL'],
  [11, 'SEGV'],
  [13, 'PIPE'],
  [14, 'ALRM'],
  [15, 'TERM'],
]);

class ShellCommand extends EventEmitter implements CommandChannel {
  readonly stderr = new EventEmitter();

  constructor(readonly close: () => void) {
    super();
  }

  write(): void {
    throw new Error('a command of a resident shell gets its stdin when it starts');
  }

  /** Its stdin went with its line, and ends by itself. */
  end(): void {
    // Nothing is left to be sent.
  }

  /** Only a process that is known can be signalled here: the shell itself must stay. */
  signal(): void {
    // RunningCommand closes the channel next.
  }

  finish(status: number): void {
    const signal = SIGNALS.get(status - 128);
    if (signal === undefined) {
      this.emit('exit', status);
    } else {
      this.emit('exit', null, signal);
    }
    this.emit('close');
  }
}

interface Frame {
  readonly mark: Buffer;
  readonly onData: (chunk: Buffer) => void;
  /** What stands between the mark and the end of its line. */
  readonly onEnd: (line: string) => void;
}

/** Cuts one stream into what each command printed; what comes where no frame is open belongs to none. */
class Frames {
  /** In the order in which they were begun: what comes is the first one's. */
  readonly #frames: Frame[] = [];
  #held: Buffer = Buffer.alloc(0);

  /** @param onBroken what ends a frame is not what the shell was told to print */
  constructor(private readonly onBroken: () => void) {}

  begin(frame: Frame): void {
    this.#frames.push(frame);
  }

  write(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    let frame = this.#frames[0];
    while (frame !== undefined) {
      const at = bytes.indexOf(frame.mark);
      const end = at >= 0 ? at : bytes.length - beginningAtEnd(frame.mark, bytes);
      if (end > 0) {
        frame.onData(bytes.subarray(0, end));
      }
      bytes = bytes.subarray(end);
      const newline = at < 0 ? -1 : bytes.indexOf(0x0a);
      if (newline < 0) {
        this.#held = bytes;
        if (at >= 0 && bytes.length > MARKED_LINE) {
          this.#frames.length = 0;
          this.onBroken();
        }
        return;
      }
      const line = bytes.toString('latin1', frame.mark.length, newline);
      bytes = bytes.subarray(newline + 1);
      this.#frames.shift();
      // A frame that is begun by the end of this one has had nothing printed yet.
      const next = this.#frames[0];
      frame.onEnd(line);
      frame = next;
    }
  }
}

/** Bytes of stderr that are held back for the shell's first line; what has none by then is no shell of ours. */
const HELD_LIMIT = 64 * 1024;

/** The program may print on stderr before the shell tells its process id: that line goes first. */
function announcedFirst(mark: string, onData: (chunk: Buffer) => void): (chunk: Buffer) => void {
  let early: Buffer[] | undefined = [];
  let bytes = 0;
  const announcement = new MarkedLine(mark, (before) => {
    early?.push(before);
    bytes += before.length;
  });
  return (chunk) => {
    if (early === undefined) {
      onData(chunk);
      return;
    }
    const found = announcement.push(chunk);
    if (found === undefined && bytes <= HELD_LIMIT) {
      return;
    }
    // Without an announcement, whoever takes it counts it.
    const rest = Buffer.concat([...early, found?.after ?? announcement.rest]);
    early = undefined;
    if (found !== undefined) {
      onData(Buffer.from(`${mark}${found.line}\n`));
    }
    if (rest.length > 0) {
      onData(rest);
    }
  };
}
