import { orAborted, settledWithin } from './abort';
import type { TargetLostError } from './errors';
import { OutputLimitError, TimeLimitError } from './errors';
import type { RunResult } from './target';

/** What is used of an SSH channel on which a command runs (RFC 4254, 6). */
export interface CommandChannel {
  readonly stderr: { on(event: 'data', listener: (chunk: Buffer) => void): unknown };
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal?: string) => void): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  write(data: string): unknown;
  end(data?: Uint8Array): unknown;
  signal(name: string): unknown;
  close(): unknown;
}

export interface CommandRequest {
  /** What a person asked for; told in errors. */
  readonly argv: readonly string[];
  /** What the target's shell gets: it prints `mark` and its process id on stderr, and becomes the program. */
  readonly commandLine: string;
  readonly mark: string;
  readonly stdin: Uint8Array | undefined;
  /** Sudo's question on stderr before `mark`, and its answer. */
  readonly question?: { readonly text: string; readonly answer: string };
  /** stdin waits for `mark`: something else may read it before the program runs. */
  readonly holdStdin: boolean;
  /** Milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly maxOutputBytes: number;
  /** Each gives the command up. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Takes stdout as it comes; it is then neither kept nor counted. */
  readonly onData?: (chunk: Buffer) => void;
  /** The program runs. */
  readonly onStarted?: () => void;
}

export interface CommandOutcome extends RunResult {
  /** False when the shell or sudo ended before the program ran: stderr is then theirs. */
  readonly started: boolean;
  /** How often the question came. */
  readonly asked: number;
}

/** What a command needs of its connection. */
export interface CommandConnection {
  readonly lost: AbortSignal;
  /**
   * Starts a command. `follow` is called in the very turn in which its channel opens: the command's end may
   * come in the same packet.
   */
  open<T>(commandLine: string, follow: (channel: CommandChannel) => Promise<T>): Promise<T>;
  /** Signals a process of the target and its descendants; settles when that was tried. */
  signalTree(pid: number, signal: 'TERM' | 'KILL'): Promise<void>;
  /** The server broke the protocol: the connection is given up. */
  lose(reason: string): TargetLostError;
}

/** How long the target gets for each step of ending a command, milliseconds. */
const ENDING_STEP_MS = 1000;

/**
 * Runs one command on a channel of its own. When it is given up, the remote process is ended first
 * (TERM, then KILL), so that the next command does not meet it.
 * @throws TimeLimitError, OutputLimitError, TargetLostError, or the signal's reason
 */
export async function runCommand(
  connection: CommandConnection,
  request: CommandRequest,
): Promise<CommandOutcome> {
  for (const signal of [connection.lost, ...request.signals]) {
    signal?.throwIfAborted();
  }
  const limits = new AbortController();
  const timer =
    request.timeoutMs === undefined
      ? undefined
      : setTimeout(
          (limit) => limits.abort(new TimeLimitError(request.argv, limit)),
          request.timeoutMs,
          request.timeoutMs,
        );
  const running = new RunningCommand(connection, request, () =>
    limits.abort(new OutputLimitError(request.argv, request.maxOutputBytes)),
  );
  try {
    return await orAborted(running.outcome, connection.lost, ...request.signals, limits.signal);
  } catch (error) {
    if (!connection.lost.aborted && [limits.signal, ...request.signals].some((signal) => signal?.aborted)) {
      await running.end();
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class RunningCommand {
  readonly outcome: Promise<CommandOutcome>;
  #channel: CommandChannel | undefined;
  /** What is to be done with the channel when the server opens it late. */
  readonly #late: ((channel: CommandChannel) => void)[] = [];
  readonly #started: Promise<number>;
  #tellStarted: (pid: number) => void = () => undefined;
  #pid: number | undefined;
  #asked = 0;
  #givenUp = false;
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  readonly #stderr: Buffer[] = [];
  #stderrBytes = 0;
  /** stderr before the mark. */
  #preamble = '';

  constructor(
    private readonly connection: CommandConnection,
    private readonly request: CommandRequest,
    private readonly tooMuch: () => void,
  ) {
    this.#started = new Promise((resolve) => {
      this.#tellStarted = resolve;
    });
    this.outcome = connection.open(request.commandLine, (channel) => this.#follow(channel));
    // After a limit nobody waits for it.
    this.outcome.catch(() => undefined);
  }

  /** Ends the remote process, within a few seconds or not at all. */
  async end(): Promise<void> {
    this.#givenUp = true;
    const ended = (): Promise<boolean> => settledWithin(this.outcome, ENDING_STEP_MS);
    await settledWithin(Promise.race([this.#started, this.outcome]), ENDING_STEP_MS);
    for (const signal of ['TERM', 'KILL'] as const) {
      if (this.#pid !== undefined) {
        await settledWithin(this.connection.signalTree(this.#pid, signal), ENDING_STEP_MS);
      } else {
        this.#withChannel((channel) => channel.signal(signal));
      }
      if (await ended()) {
        return;
      }
    }
    this.#withChannel((channel) => channel.close());
    await ended();
  }

  /** Now, or when the server opens the channel at last. */
  #withChannel(use: (channel: CommandChannel) => void): void {
    if (this.#channel === undefined) {
      this.#late.push(use);
    } else {
      use(this.#channel);
    }
  }

  #follow(channel: CommandChannel): Promise<CommandOutcome> {
    const { request } = this;
    this.#channel = channel;
    channel.on('data', (chunk) => this.#takeStdout(chunk));
    channel.stderr.on('data', (chunk: Buffer) => this.#takeStderr(chunk, channel));
    // A write to a program that is gone: its exit code tells.
    channel.on('error', () => undefined);
    if (!request.holdStdin) {
      channel.end(request.stdin);
    }
    let exit: { code: number | null; signal: string | undefined } | undefined;
    channel.on('exit', (code, signal) => {
      exit = { code, signal };
    });
    this.#late.forEach((use) => use(channel));
    return new Promise((resolve, reject) => {
      channel.on('close', () => {
        if (this.connection.lost.aborted) {
          reject(this.connection.lost.reason as TargetLostError);
        } else if (exit !== undefined || this.#givenUp) {
          resolve(this.#result(exit?.code ?? undefined, exit?.signal));
        } else {
          reject(this.connection.lose(`the server did not tell how ${request.argv[0] ?? 'a command'} ended`));
        }
      });
    });
  }

  #result(exitCode: number | undefined, signal: string | undefined): CommandOutcome {
    return {
      exitCode,
      ...(signal === undefined ? {} : { signal: signal.replace(/^SIG/, '') }),
      stdout: Buffer.concat(this.#stdout),
      stderr: (this.#pid === undefined
        ? Buffer.from(this.#preamble, 'latin1')
        : Buffer.concat(this.#stderr)
      ).toString(),
      started: this.#pid !== undefined,
      asked: this.#asked,
    };
  }

  #takeStdout(chunk: Buffer): void {
    const { onData, maxOutputBytes } = this.request;
    if (onData !== undefined) {
      onData(chunk);
      return;
    }
    this.#stdoutBytes += chunk.length;
    if (this.#stdoutBytes > maxOutputBytes) {
      this.tooMuch();
    } else {
      this.#stdout.push(chunk);
    }
  }

  #takeStderr(chunk: Buffer, channel: CommandChannel): void {
    this.#stderrBytes += chunk.length;
    if (this.#stderrBytes > this.request.maxOutputBytes) {
      this.tooMuch();
    } else if (this.#pid === undefined) {
      this.#preamble += chunk.toString('latin1');
      this.#readPreamble(channel);
    } else {
      this.#stderr.push(chunk);
    }
  }

  #readPreamble(channel: CommandChannel): void {
    const { mark, question, holdStdin, stdin, onStarted } = this.request;
    const start = this.#preamble.indexOf(mark);
    const end = start < 0 ? -1 : this.#preamble.indexOf('\n', start);
    if (end >= 0) {
      this.#stderr.push(Buffer.from(this.#preamble.slice(end + 1), 'latin1'));
      this.#pid = Number(this.#preamble.slice(start + mark.length, end));
      if (holdStdin) {
        channel.end(stdin);
      }
      this.#tellStarted(this.#pid);
      onStarted?.();
    } else if (question !== undefined) {
      this.#answer(question, channel);
    }
  }

  /** The first question gets the answer; a second one means that it was refused. */
  #answer({ text, answer }: { text: string; answer: string }, channel: CommandChannel): void {
    const asked = this.#preamble.split(text).length - 1;
    if (asked > this.#asked) {
      this.#asked = asked;
      if (asked === 1) {
        channel.write(`${answer}\n`);
      } else {
        channel.end();
      }
    }
  }
}
