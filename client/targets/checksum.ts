import { createHash } from 'node:crypto';

const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  }
  return crc;
});

/** What cksum(1) prints first: the CRC of POSIX.1-2017, over the data and then its length. */
export function posixChecksum(data: Uint8Array): number {
  let crc = 0;
  const take = (byte: number): void => {
    crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  };
  // Many times as fast as an iterator, for what is megabytes long.
  for (let at = 0; at < data.length; at += 1) {
    take(data[at] ?? 0);
  }
  for (let length = data.byteLength; length > 0; length = Math.floor(length / 256)) {
    take(length & 0xff);
  }
  return ~crc >>> 0;
}

/** A program that tells files apart. */
interface ChecksumTool {
  readonly program: string;
  /** What it prints of a file before its name. */
  readonly of: (data: Uint8Array) => string;
  /** The line that it prints of its stdin. */
  readonly ofStdin: (data: Uint8Array) => string;
}

const cksum = (data: Uint8Array): string => `${posixChecksum(data)} ${data.byteLength}`;
const sha1 = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex');

/** Those that targets have, the cheapest first: Debian's BusyBox has no cksum. */
export const CHECKSUM_TOOLS: readonly ChecksumTool[] = [
  { program: 'cksum', of: cksum, ofStdin: cksum },
  { program: 'sha1sum', of: sha1, ofStdin: (data) => `${sha1(data)}  -` },
];

/** A line of such a program; without a file name where it has read stdin. Undefined: it is none. */
export function parseChecksumLine(line: string): { checksum: string; file: string } | undefined {
  const [, checksum, file = ''] = /^(\d+ \d+|[0-9a-f]{40})(?: [ *]?(.*))?$/.exec(line) ?? [];
  return checksum === undefined ? undefined : { checksum, file };
}
