import { Tail } from '../../engine/base/tail';
import { ByteOutput } from '../../kmod/byteOutput';
import { orAborted, settledWithin } from './abort';
import type { TargetLostError } from './errors';
import { OutputLimitError, TimeLimitError } from './errors';
import { MarkedLine } from './marks';
import type { RunResult } from './target';

/** What is used of an SSH channel on which a command runs (RFC 4254, 6). */
export interface CommandChannel {
  readonly stderr: { on(event: 'data', listener: (chunk: Buffer) => void): unknown };
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal?: string) => void): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  write(data: string | Uint8Array): unknown;
  end(data?: Uint8Array): unknown;
  signal(name: string): unknown;
  close(): unknown;
}

export interface CommandRequest {
  /** What a person asked for; told in errors. */
  readonly argv: readonly string[];
  /** What the command prints on stderr first, with its process id behind it; then it becomes the program. */
  readonly mark: string;
  readonly stdin: Uint8Array | undefined;
  /** Questions on stderr before `mark`, and their answers in their order. */
  readonly questions?: {
    /** The question with which the text ends. */
    readonly askedBy: (text: string) => string | undefined;
    readonly refused: RegExp;
    readonly answers: readonly string[];
  };
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
  /** A question for which there was no answer; the command was given up then. */
  readonly unanswered?: string;
}

/** What a command needs of its connection. */
export interface CommandConnection {
  readonly lost: AbortSignal;
  /**
   * Starts a command. `follow` is called in the very turn in which its channel opens: the command's end may
   * come in the same packet.
   */
  open<T>(follow: (channel: CommandChannel) => Promise<T>): Promise<T>;
  /** Signals a process of the target and its descendants; settles when that was tried. */
  signalTree(pid: number, signal: 'TERM' | 'KILL'): Promise<void>;
  /** The server broke the protocol: the connection is given up. */
  lose(reason: string): TargetLostError;
}

/** Bytes of stderr: no tool says more that is worth reading, and all of it is looked through for why it failed. */
const STDERR_LIMIT = 1024 * 1024;

/** Characters before the mark that are kept: what was said last tells why a program did not start. */
const PREAMBLE_KEPT = 16 * 1024;

/** Characters before an answer in which its question, and the refusal of the last answer, are looked for. */
const QUESTION_KEPT = 2048;

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
  const running = new RunningCommand(connection, request, (limit) =>
    limits.abort(new OutputLimitError(request.argv, limit)),
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
  #unanswered: string | undefined;
  #givenUp = false;
  // A target may send each byte alone: a Buffer for each would take a hundred times the memory.
  readonly #stdout = new ByteOutput();
  readonly #stderr = new ByteOutput();
  #stderrBytes = 0;
  readonly #stderrLimit: number;
  readonly #announcement: MarkedLine;
  /** stderr before the mark, as Latin-1. */
  readonly #preamble = new Tail(PREAMBLE_KEPT);
  /** The same since the last answer. */
  readonly #asking = new Tail(QUESTION_KEPT);

  constructor(
    private readonly connection: CommandConnection,
    private readonly request: CommandRequest,
    private readonly tooMuch: (limit: number) => void,
  ) {
    this.#stderrLimit = Math.min(request.maxOutputBytes, STDERR_LIMIT);
    this.#announcement = new MarkedLine(request.mark, (bytes) => {
      const text = bytes.toString('latin1');
      this.#preamble.push(text);
      this.#asking.push(text);
    });
    this.#started = new Promise((resolve) => {
      this.#tellStarted = resolve;
    });
    this.outcome = connection.open((channel) => this.#follow(channel));
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
      stdout: Buffer.from(this.#stdout.take()),
      stderr: (this.#pid === undefined
        ? Buffer.concat([Buffer.from(this.#preamble.text, 'latin1'), this.#announcement.rest])
        : this.#stderr.take()
      ).toString(),
      started: this.#pid !== undefined,
      ...(this.#unanswered === undefined ? {} : { unanswered: this.#unanswered }),
    };
  }

  #takeStdout(chunk: Buffer): void {
    const { onData, maxOutputBytes } = this.request;
    if (onData !== undefined) {
      onData(chunk);
      return;
    }
    if (this.#stdout.length + chunk.length > maxOutputBytes) {
      this.tooMuch(maxOutputBytes);
    } else {
      this.#stdout.bytes(chunk);
    }
  }

  #takeStderr(chunk: Buffer, channel: CommandChannel): void {
    this.#stderrBytes += chunk.length;
    if (this.#stderrBytes > this.#stderrLimit) {
      this.tooMuch(this.#stderrLimit);
    } else if (this.#pid === undefined) {
      this.#readPreamble(chunk, channel);
    } else {
      this.#stderr.bytes(chunk);
    }
  }

  #readPreamble(chunk: Buffer, channel: CommandChannel): void {
    const { questions, holdStdin, stdin, onStarted } = this.request;
    const announced = this.#announcement.push(chunk);
    if (announced !== undefined) {
      this.#stderr.bytes(announced.after);
      this.#pid = Number(announced.line);
      if (holdStdin) {
        channel.end(stdin);
      }
      this.#tellStarted(this.#pid);
      onStarted?.();
    } else if (questions !== undefined) {
      this.#answer(questions, channel);
    }
  }

  /** After a refusal, and where no answer is left, the command is given up: asking is not this class's. */
  #answer(
    { askedBy, refused, answers }: NonNullable<CommandRequest['questions']>,
    channel: CommandChannel,
  ): void {
    const said = this.#asking.text;
    const question = askedBy(said);
    if (question === undefined) {
      return;
    }
    this.#asking.clear();
    const isRefused = this.#asked > 0 && refused.test(said);
    const answer = isRefused ? undefined : answers[this.#asked];
    this.#asked += 1;
    if (answer !== undefined) {
      channel.write(`${answer}\n`);
      return;
    }
    if (!isRefused) {
      this.#unanswered = Buffer.from(question, 'latin1').toString().trim();
    }
    this.#givenUp = true;
    channel.close();
  }
}
