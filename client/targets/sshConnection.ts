import type { CommandChannel } from './remoteCommand';

export interface ExecOptions {
  /** Gives the command a terminal: its stdout and stderr then come as one. */
  readonly terminal: boolean;
}

/** A connection that is logged in, whichever program speaks SSH: ssh2 or the system's ssh. */
export interface SshConnection {
  /** What a person should know of how the target is reached; undefined for the usual way. */
  readonly via: string | undefined;
  /** `done` is called in the turn in which the channel opens. Throws when the connection is gone. */
  exec(
    commandLine: string,
    options: ExecOptions,
    done: (error: Error | undefined, channel: CommandChannel) => void,
  ): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  /** Tells of whatever comes from the target. Absent where the connection itself ends when the target is silent. */
  onHeard?(listener: () => void): void;
  /** Says good-bye to the server. */
  end(): void;
  /** At once. */
  destroy(): void;
}
