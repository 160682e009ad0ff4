import { LineReader } from '../../engine/base/lineReader';

/** The kernel's levels, syslog(2). */
const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** A record of /dev/kmsg (Linux: Documentation/ABI/testing/dev-kmsg). */
export interface KernelLogRecord {
  readonly level: LogLevel;
  /** syslog's facility: 0 is the kernel, 1 what user space wrote. */
  readonly facility: number;
  /** Counts the records of a boot. */
  readonly sequence: number;
  /** Since boot. */
  readonly microseconds: number;
  /** May hold line ends. */
  readonly text: string;
}

/** A record is at most 8 KiB with its dictionary (CONSOLE_EXT_LOG_MAX): what is longer is none. */
const LONGEST_LINE = 32 * 1024;

const HEADER = /^(\d+),(\d+),(\d+),[^;]*;/;

/** Reads /dev/kmsg's bytes as they arrive; what is no record is passed over. */
export class KmsgParser {
  readonly #lines = new LineReader(LONGEST_LINE + 1, (line) => this.#line(line));

  constructor(private readonly onRecord: (record: KernelLogRecord) => void) {}

  write(chunk: Buffer): void {
    this.#lines.push(chunk.toString('latin1'));
  }

  #line(line: string): void {
    const [header, priority, sequence, microseconds] = HEADER.exec(line) ?? [];
    // The lines of a record's dictionary begin with a blank, and match no header.
    const level = LOG_LEVELS[Number(priority) & 7];
    if (header === undefined || level === undefined || line.length > LONGEST_LINE) {
      return;
    }
    this.onRecord({
      level,
      facility: Number(priority) >> 3,
      sequence: Number(sequence),
      microseconds: Number(microseconds),
      text: unescapeText(line.slice(header.length)),
    });
  }
}

/** Control characters, bytes beyond ASCII and the backslash arrive as \xNN. */
function unescapeText(text: string): string {
  const bytes = text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
