import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { orAborted, settledWithin } from './abort';
import { ActivityMeter } from './activity';
import { BecomeRoot, ROOT_QUESTIONS, type RootAttempt } from './becomeRoot';
import { CommandRefusedError, TargetLostError } from './errors';
import { Link } from './link';
import type { Log } from './log';
import type { Prompts } from './prompts';
import { quoteAll } from './quote';
import { runCommand, type CommandChannel, type CommandOutcome, type CommandRequest } from './remoteCommand';
import { ResidentShell, START } from './residentShell';
import { MOST_STDIN, plainCommand, residentCommand, signalTree } from './remoteShell';
import { ROOT_PROBE, ROOT_WAYS, rootCommand } from './rootWays';
import { SerialQueue } from './serialQueue';
import type { SshConnection } from './sshConnection';
import { explainNoCommand } from './sshFailure';
import { TerminalChannel } from './terminalChannel';
import type { RunOptions, RunResult, StreamOptions, Target } from './target';
import { uploadFile } from './uploadFile';

export interface SessionOptions {
  /** "user@host" */
  readonly login: string;
  readonly user: string;
  readonly prompts: Prompts;
  readonly log: Log;
  /** Between two signs of life, milliseconds. */
  readonly keepaliveMs: number;
}

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** The target's shell has this long for its first answer, milliseconds; without it each command gets a channel. */
const SHELL_MS = 3_000;

/**
 * So many intervals without a byte from the target, and it is silent; and so many, and the connection is lost.
 * A sign of life is asked for after one interval, so two may pass on a healthy line.
 */
const SILENT_INTERVALS = 3;
const LOST_INTERVALS = 4;

/** What runs is ended before the connection is closed, and the server answers the close: milliseconds for each. */
const CLOSING_MS = 3_000;

type Execution = Omit<CommandRequest, 'argv' | 'mark' | 'holdStdin' | 'questions'>;

/** A target behind a logged-in SSH connection, or behind this machine's own shell. */
export class SshSession implements Target {
  readonly lost: AbortSignal;
  readonly activity = new ActivityMeter();
  readonly via: string | undefined;
  readonly #lost = new AbortController();
  /** Aborts when the target is disposed of: what runs there is ended while there is still a connection. */
  readonly #ending = new AbortController();
  readonly #queue = new SerialQueue();
  readonly #link = new Link();
  readonly #running = new Set<Promise<unknown>>();
  readonly #closed: Promise<void>;
  /** Random, so that no program prints them by accident. */
  readonly #mark = `kmod-${randomBytes(8).toString('hex')}:`;
  readonly #question = `kmod-${randomBytes(8).toString('hex')}?`;
  /** Null where the login is root's; undefined before that is known. */
  #root: BecomeRoot | null | undefined;
  #shell: ResidentShell | undefined;
  /** The server runs commands, and no shell that stays. */
  #noShell = false;

  constructor(
    readonly name: string,
    private readonly connection: SshConnection,
    private readonly options: SessionOptions,
  ) {
    this.via = connection.via;
    this.lost = this.#lost.signal;
    // Every command that runs or waits listens to them, and stops listening when it is done.
    setMaxListeners(0, this.lost, this.#ending.signal);
    connection.on('error', (error) => this.#lose(error.message));
    this.#closed = new Promise((resolve) => {
      connection.on('close', () => {
        this.#lose('the target closed it');
        resolve();
      });
    });
    this.#watch();
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#run(argv, options, argv);
  }

  upload(
    data: Uint8Array,
    remotePath: string,
    options: Pick<RunOptions, 'signal' | 'timeoutMs'> = {},
  ): Promise<void> {
    return uploadFile(
      (argv, settings) => this.#run(argv, settings ?? {}, ['upload', remotePath]),
      this.#link,
      data,
      remotePath,
      options,
    );
  }

  wake(): void {
    if (!this.lost.aborted && this.#shell !== undefined && !this.#shell.closed && !this.#shell.busy) {
      this.#shell.wake();
    }
  }

  async stream(argv: readonly string[], options: StreamOptions): Promise<RunResult | undefined> {
    try {
      return await this.#inTurn(
        (release) =>
          this.#execute(argv, options.asRoot === true, argv, {
            stdin: undefined,
            timeoutMs: undefined,
            maxOutputBytes: MAX_OUTPUT_BYTES,
            signals: [options.signal, this.#ending.signal],
            onData: options.onData,
            onStarted: release,
          }),
        options.signal,
      );
    } catch (error) {
      if (options.signal.aborted && error === options.signal.reason) {
        return undefined;
      }
      throw error;
    }
  }

  async dispose(): Promise<void> {
    if (!this.#ending.signal.aborted) {
      this.#ending.abort(new TargetLostError(this.name, 'it was disconnected'));
      await settledWithin(Promise.allSettled(this.#running), CLOSING_MS);
      this.#lost.abort(this.#ending.signal.reason);
      this.connection.end();
    }
    if (!(await settledWithin(this.#closed, CLOSING_MS))) {
      this.connection.destroy();
    }
  }

  #run(argv: readonly string[], options: RunOptions, told: readonly string[]): Promise<RunResult> {
    return this.#inTurn(
      () =>
        this.activity.during(
          options.what ?? told[0] ?? '',
          this.#execute(argv, options.asRoot === true, told, {
            stdin: options.stdin,
            timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
            maxOutputBytes: options.maxOutputBytes ?? MAX_OUTPUT_BYTES,
            signals: [options.signal, this.#ending.signal],
          }),
        ),
      options.signal,
    );
  }

  #inTurn<T>(task: (release: () => void) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    // One channel at a time: dropbear up to 2024.85 closes one that opens while another's program ends
    // (mkj/dropbear#326), and so loses commands that are started side by side.
    const run = this.#queue.run(task, this.lost, this.#ending.signal, signal);
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
    return run;
  }

  async #execute(
    argv: readonly string[],
    asRoot: boolean,
    told: readonly string[],
    execution: Execution,
  ): Promise<RunResult> {
    const began = performance.now();
    const { log } = this.options;
    const line = `${this.name}${asRoot ? ' (root)' : ''}: ${quoteAll(told)}`;
    const duration = (): string => `${Math.round(performance.now() - began)} ms`;
    try {
      const root = asRoot ? await this.#becomeRoot() : null;
      const { exitCode, signal, stdout, stderr, started } =
        root === null
          ? await this.#plain(argv, told, execution)
          : await root.run(
              (how) => this.#asRoot(how, argv, told, execution),
              this.lost,
              ...execution.signals,
            );
      if (!started && root === null) {
        throw new CommandRefusedError(told, explainNoCommand(`${stdout.toString()}\n${stderr}`));
      }
      const end = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
      log('debug', `${line}: ${end}, ${duration()}${stderr.trim() === '' ? '' : `\n${stderr.trimEnd()}`}`);
      return { exitCode, ...(signal === undefined ? {} : { signal }), stdout, stderr };
    } catch (error) {
      log('debug', `${line}: ${error instanceof Error ? error.message : String(error)}, ${duration()}`);
      throw error;
    }
  }

  async #plain(
    argv: readonly string[],
    told: readonly string[],
    execution: Execution,
  ): Promise<CommandOutcome> {
    const { stdin, onData, signals } = execution;
    const shell =
      (stdin === undefined || (stdin.length <= MOST_STDIN && this.#link.spells)) && onData === undefined
        ? await this.#residentShell(signals)
        : undefined;
    const began = performance.now();
    const outcome = await this.#start(
      execution,
      (pid, signal) => this.#plain(signalTree(pid, signal), ['kill'], UNLIMITED),
      { argv: told, holdStdin: false },
      (follow) =>
        shell === undefined
          ? this.#open(plainCommand(this.#mark, argv), told, follow)
          : follow(shell.start(residentCommand(argv, stdin))),
    );
    if (shell !== undefined) {
      this.#link.saw(performance.now() - began);
    }
    return outcome;
  }

  /** Undefined: it is busy, or the server gives none. */
  async #residentShell(signals: Execution['signals']): Promise<ResidentShell | undefined> {
    if (this.#noShell || (this.#shell !== undefined && this.#shell.busy)) {
      return undefined;
    }
    if (this.#shell === undefined || this.#shell.closed) {
      this.#shell = await this.#openShell(signals);
      this.#noShell = this.#shell === undefined;
    }
    return this.#shell;
  }

  /** Undefined: the server starts none, or none that answers in time. */
  async #openShell(signals: Execution['signals']): Promise<ResidentShell | undefined> {
    const opening = this.#open(START, ['sh'], async (channel) => {
      const shell = new ResidentShell(channel, this.#mark);
      return (await shell.ready) ? shell : undefined;
    });
    const limit = AbortSignal.timeout(SHELL_MS);
    try {
      return await orAborted(opening, limit, this.lost, ...signals);
    } catch (error) {
      opening.then(
        (shell) => shell?.close(),
        () => undefined,
      );
      if (error === limit.reason || error instanceof CommandRefusedError) {
        return undefined;
      }
      throw error;
    }
  }

  #asRoot(
    how: RootAttempt,
    argv: readonly string[],
    told: readonly string[],
    execution: Execution,
  ): Promise<CommandOutcome> {
    const { way, answers, terminal } = how;
    const marks = { begin: this.#mark, end: `${this.#mark}end;` };
    const commandLine = rootCommand(way, {
      mark: this.#mark,
      argv,
      question: this.#question,
      mayAsk: answers.length > 0,
      terminal: terminal ? { end: marks.end, stdinBytes: execution.stdin?.length ?? 0 } : undefined,
    });
    return this.#start(
      execution,
      (pid, signal) => this.#asRoot(how, signalTree(pid, signal), ['kill'], UNLIMITED),
      {
        argv: told,
        holdStdin: true,
        ...(answers.length === 0 ? {} : { questions: { ...ROOT_QUESTIONS(this.#question), answers } }),
      },
      (follow) =>
        this.#open(
          commandLine,
          told,
          (channel) => follow(terminal ? new TerminalChannel(channel, marks) : channel),
          terminal,
        ),
    );
  }

  #start(
    execution: Execution,
    kill: (pid: number, signal: 'TERM' | 'KILL') => Promise<unknown>,
    command: Pick<CommandRequest, 'argv' | 'holdStdin' | 'questions'>,
    open: <T>(follow: (channel: CommandChannel) => Promise<T>) => Promise<T>,
  ): Promise<CommandOutcome> {
    return runCommand(
      {
        lost: this.lost,
        open,
        signalTree: async (pid, signal) => {
          await kill(pid, signal);
        },
        lose: (reason) => this.#lose(reason),
      },
      { ...execution, ...command, mark: this.#mark },
    );
  }

  #open<T>(
    commandLine: string,
    argv: readonly string[],
    follow: (channel: CommandChannel) => Promise<T>,
    terminal = false,
  ): Promise<T> {
    const followed = new Promise<T>((resolve, reject) => {
      try {
        this.connection.exec(commandLine, { terminal }, (error, channel) => {
          if (error === undefined) {
            resolve(follow(channel));
          } else {
            reject(new CommandRefusedError(argv, error.message));
          }
        });
      } catch (error) {
        // The socket is gone, and its 'close' is still to come.
        reject(this.#lose(error instanceof Error ? error.message : String(error)));
      }
    });
    return orAborted(followed, this.lost);
  }

  async #becomeRoot(): Promise<BecomeRoot | null> {
    if (this.#root === undefined) {
      const { stdout } = await this.#plain(ROOT_PROBE, ['id', '-u'], {
        ...UNLIMITED,
        timeoutMs: TIMEOUT_MS,
        signals: [this.#ending.signal],
      });
      const [uid, ...there] = stdout.toString().trim().split('\n');
      const ways = ROOT_WAYS.filter((way) => there.includes(way));
      const { prompts, user, login } = this.options;
      this.#root = uid === '0' ? null : new BecomeRoot(ways, prompts, user, login);
    }
    return this.#root;
  }

  #lose(reason: string): TargetLostError {
    if (!this.lost.aborted) {
      const error = new TargetLostError(this.name, reason);
      this.options.log('warn', error.message);
      this.#lost.abort(error);
      this.connection.destroy();
    }
    return this.lost.reason as TargetLostError;
  }

  /**
   * Whatever comes in is a sign of life, so a long upload over a slow line is none of silence. Intervals
   * are counted, not read off a clock that a sleeping computer moves.
   */
  #watch(): void {
    if (this.connection.onHeard === undefined) {
      return;
    }
    let silent = 0;
    this.connection.onHeard(() => {
      silent = 0;
      this.activity.silent = false;
    });
    const timer = setInterval(() => {
      silent += 1;
      this.activity.silent = silent >= SILENT_INTERVALS;
      if (silent >= LOST_INTERVALS) {
        const seconds = ((LOST_INTERVALS - 1) * this.options.keepaliveMs) / 1000;
        this.#lose(`nothing was heard for more than ${seconds} s`);
      }
    }, this.options.keepaliveMs);
    timer.unref();
    this.lost.addEventListener('abort', () => clearInterval(timer), { once: true });
  }
}

/** For commands of the session's own. */
const UNLIMITED: Execution = {
  stdin: undefined,
  timeoutMs: undefined,
  maxOutputBytes: MAX_OUTPUT_BYTES,
  signals: [],
};
