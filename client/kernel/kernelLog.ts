import { randomBytes } from 'node:crypto';
import { cutLine } from '../../kmod/text';
import { script } from '../targets/script';
import type { Target } from '../targets/target';
import { CommandFailedError } from './command';
import { KmsgParser, type KernelLogRecord } from './kmsg';

/** A line of the kernel log that tells what came after it. */
export interface KernelLogMark {
  readonly token: string;
  readonly line: string;
}

export interface KernelLogExcerpt {
  /** As dmesg prints them, with their time stamps. */
  readonly lines: readonly string[];
  /** False: the mark is gone, or there is more since it than is kept; the first lines are missing. */
  readonly complete: boolean;
}

/** A mark that is like no other; `what` is for those who read the log. */
export function newMark(what: string): KernelLogMark {
  const token = `vscode-kmod:${randomBytes(6).toString('hex')}`;
  return { token, line: `${token} ${what.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}` };
}

/** Lines since a mark that cross the wire. */
const EXCERPT_LINES = 500;

/** Characters of a line: a record of the kernel has at most 1 KiB, with what stands before its text (LOG_LINE_MAX). */
const LONGEST_LINE = 1024;

/** What the kernel logged since a mark; cut on the target, so that a long log does not cross the wire. */
export const SINCE_MARK = `dmesg | sed -n "/$token/,\\$p" | tail -n ${EXCERPT_LINES}`;

/** Reads what SINCE_MARK printed; of a target that prints more than it was told to, no more than that. */
export function parseSinceMark(text: string, mark: KernelLogMark): KernelLogExcerpt {
  const lines = text
    .split('\n', EXCERPT_LINES + 1)
    .filter((line) => line !== '')
    .map((line) => cutLine(line, LONGEST_LINE));
  const complete = lines[0]?.includes(mark.token) === true;
  return { lines: complete ? lines.slice(1) : lines, complete };
}

/** A line of the log as it is read for its meaning: cut, and without its time stamp. */
export const logLine = (line: string): string => withoutStamp(cutLine(line, LONGEST_LINE));

/** A line of dmesg without its time stamp, and without the level that BusyBox prints before it. */
export function withoutStamp(line: string): string {
  return line.replace(/^(?:<\d+>)?\[ *\d+\.\d+\] ?/, '');
}

/** Milliseconds before the log is opened again when the target's buffer ran over. */
const RESTART_DELAY = 200;

/**
 * A reader that is overrun gets EPIPE once (Documentation/ABI/testing/dev-kmsg), and the same open file goes on with
 * the oldest record that is left: in a flood another opening would be overrun before its first read.
 */
const FOLLOW = `LC_ALL=C; export LC_ALL
exec </dev/kmsg || exit 1
n=0
until cat; do
  n=$((n+1))
  [ $n -lt 100 ] || exit 1
done`;

/**
 * Follows the target's kernel log, from the oldest record it keeps, until the signal ends it. Each record
 * comes once, also when the log ran over its reader and is opened again.
 * @throws CommandFailedError when /dev/kmsg can not be read, TargetLostError, RootRequiredError
 */
export async function followKernelLog(
  target: Target,
  {
    onRecord,
    signal,
    asRoot = true,
  }: { onRecord: (record: KernelLogRecord) => void; signal: AbortSignal; asRoot?: boolean },
): Promise<void> {
  const argv = script(FOLLOW, []);
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
      asRoot,
      signal,
      onData: (chunk) => {
        parser.write(chunk);
      },
    });
    if (result === undefined || signal.aborted) {
      return;
    }
    if (fresh === 0 && !result.stderr.includes('Broken pipe')) {
      throw new CommandFailedError(argv, result);
    }
    await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY));
  }
}
