import { randomBytes } from 'node:crypto';
import type { Target } from '../targets/target';
import { CommandFailedError, type Command } from './command';
import { script } from './commands';
import { KmsgParser, type KernelLogRecord } from './kmsg';

/** A line that was written to the kernel log to find what came after it. */
export interface KernelLogMark {
  readonly token: string;
}

export interface KernelLogExcerpt {
  /** As dmesg prints them, with their time stamps. */
  readonly lines: readonly string[];
  /** False: the mark is gone, or there is more since it than is kept; the first lines are missing. */
  readonly complete: boolean;
}

/** Lines since a mark that cross the wire. */
const EXCERPT_LINES = 500;

/** Writes a line to the kernel log. Kernels without /dev/kmsg refuse, so a mark may never be found again. */
export function markKernelLog(what: string): { mark: KernelLogMark; command: Command<void> } {
  const token = `vscode-kmod:${randomBytes(6).toString('hex')}`;
  const line = `${token} ${what.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}`;
  return {
    mark: { token },
    command: {
      argv: script('echo "<6>$1" > /dev/kmsg', [line]),
      asRoot: true,
      accepts: [0, 1, 2],
      timeoutMs: 10_000,
      parse: () => undefined,
    },
  };
}

/** What the kernel logged since a mark; cut on the target, so that a long log does not cross the wire. */
export function kernelLogSince(mark: KernelLogMark): Command<KernelLogExcerpt> {
  return {
    argv: script('dmesg | sed -n "/$1/,\\$p" | tail -n "$2"', [mark.token, String(EXCERPT_LINES)]),
    asRoot: true,
    timeoutMs: 15_000,
    parse: ({ stdout }) => {
      const lines = stdout.toString('utf8').split('\n').filter((line) => line !== '');
      const complete = lines[0]?.includes(mark.token) === true;
      return { lines: complete ? lines.slice(1) : lines, complete };
    },
  };
}

/** The time stamp in front of a line of dmesg, and BusyBox's level before it. */
const STAMP = /^(?:<\d+>)?\[ *\d+\.\d+\] ?/;

/** A line of dmesg without its time stamp. */
export function withoutStamp(line: string): string {
  return line.replace(STAMP, '');
}

/** Milliseconds before the log is opened again when the target's buffer ran over. */
const RESTART_DELAY = 200;

/**
 * Follows the target's kernel log, from the oldest record it keeps, until the signal ends it. Each record
 * comes once, also when the log ran over its reader (dev_kmsg_read() answers EPIPE then) and is opened again.
 * @throws CommandFailedError when /dev/kmsg can not be read, TargetLostError, RootRequiredError
 */
export async function followKernelLog(
  target: Target,
  onRecord: (record: KernelLogRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  const argv = ['cat', '/dev/kmsg'];
  let last = -1;
  while (!signal.aborted) {
    let fresh = 0;
    const parser = new KmsgParser((record) => {
      if (record.sequence > last) {
        last = record.sequence;
        fresh += 1;
        onRecord(record);
      }
    });
    const result = await target.stream(argv, {
      asRoot: true,
      signal,
      onData: (chunk) => {
        parser.write(chunk);
      },
    });
    if (result === undefined || signal.aborted) {
      return;
    }
    if (fresh === 0) {
      throw new CommandFailedError(argv, result);
    }
    await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY));
  }
}
