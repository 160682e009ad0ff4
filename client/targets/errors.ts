/** The connection to a target is gone: what a command was doing there is unknown. */
export class TargetLostError extends Error {
  override readonly name = 'TargetLostError';
  constructor(
    readonly target: string,
    readonly reason: string,
  ) {
    super(`${target}: the connection was lost (${reason})`);
  }
}

/** A remote command did not end within its time limit and was ended. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
  constructor(
    readonly argv: readonly string[],
    /** Milliseconds. */
    readonly limit: number,
  ) {
    super(`${argv[0] ?? 'a command'} did not finish within ${limit / 1000} s`);
  }
}

/** A remote command printed more than its limit and was ended. */
export class OutputLimitError extends Error {
  override readonly name = 'OutputLimitError';
  constructor(
    readonly argv: readonly string[],
    /** Bytes. */
    readonly limit: number,
  ) {
    super(`${argv[0] ?? 'a command'} printed more than ${limit} bytes`);
  }
}

/** The target's server did not start a command: nothing of it ran. */
export class CommandRefusedError extends Error {
  override readonly name = 'CommandRefusedError';
  constructor(
    readonly argv: readonly string[],
    readonly reason: string,
  ) {
    super(`the target did not start ${argv[0] ?? 'a command'}: ${reason}`);
  }
}

/** A command needs root, and the target's login can not become root. */
export class RootRequiredError extends Error {
  override readonly name = 'RootRequiredError';
}

/** A person was asked whether something may change, and did not agree. */
export class ChangeRefusedError extends Error {
  override readonly name = 'ChangeRefusedError';
  constructor(what: string, target: string) {
    super(`you did not agree to change ${target}: ${what} was not run`);
  }
}

/** A file did not arrive whole; nothing of it is left on the target. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  constructor(
    readonly remotePath: string,
    readonly reason: string,
  ) {
    super(`upload to ${remotePath}: ${reason}`);
  }
}

/** A target could not be reached or logged in to. The message says why and what to do. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  constructor(
    message: string,
    /** Which part failed, for the views. */
    readonly kind:
      'name' | 'refused' | 'timeout' | 'protocol' | 'hostKey' | 'authentication' | 'configuration' | 'start',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
