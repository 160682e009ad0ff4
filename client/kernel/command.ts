import type { RunOptions, RunResult, Target } from '../targets/target';

/** A command as data: what to run, and how to read what it prints. A runner decides where it runs. */
export interface Command<T> {
  readonly argv: readonly string[];
  /** As RunOptions tells. */
  readonly what?: string;
  readonly asRoot?: boolean;
  readonly reads?: boolean;
  readonly stdin?: Uint8Array;
  /** Milliseconds. */
  readonly timeoutMs?: number;
  /** As RunOptions tells. */
  readonly maxOutputBytes?: number;
  /** Exit codes that are an answer, not a failure; [0] unless told. */
  readonly accepts?: readonly number[];
  readonly parse: (result: RunResult) => T;
}

/** A command of a target ended with a code or a signal that is a failure. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
  constructor(
    readonly argv: readonly string[],
    readonly result: RunResult,
  ) {
    const how = result.signal === undefined ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
    const text = result.stderr.trim();
    super(`${argv[0] ?? 'a command'} failed (${how})${text === '' ? '' : `: ${text}`}`);
  }
}

/** Runs a command on a target. @throws CommandFailedError, and all that Target.run throws */
export async function execute<T>(target: Target, command: Command<T>, signal?: AbortSignal): Promise<T> {
  const options: RunOptions = {
    ...(command.what === undefined ? {} : { what: command.what }),
    ...(command.asRoot === undefined ? {} : { asRoot: command.asRoot }),
    ...(command.reads === undefined ? {} : { reads: command.reads }),
    ...(command.stdin === undefined ? {} : { stdin: command.stdin }),
    ...(command.timeoutMs === undefined ? {} : { timeoutMs: command.timeoutMs }),
    ...(command.maxOutputBytes === undefined ? {} : { maxOutputBytes: command.maxOutputBytes }),
    ...(signal === undefined ? {} : { signal }),
  };
  const result = await target.run(command.argv, options);
  const accepted = command.accepts ?? [0];
  if (result.exitCode === undefined || !accepted.includes(result.exitCode)) {
    throw new CommandFailedError(command.argv, result);
  }
  return command.parse(result);
}
