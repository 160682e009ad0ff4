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
  data.forEach(take);
  for (let length = data.byteLength; length > 0; length = Math.floor(length / 256)) {
    take(length & 0xff);
  }
  return ~crc >>> 0;
}

/** A program that tells files apart, with what it prints of one before its name. */
interface ChecksumTool {
  readonly program: string;
  readonly of: (data: Uint8Array) => string;
}

/** Those that targets have, the cheapest first: Debian's BusyBox has no cksum. */
export const CHECKSUM_TOOLS: readonly ChecksumTool[] = [
  { program: 'cksum', of: (data) => `${posixChecksum(data)} ${data.byteLength}` },
  { program: 'sha1sum', of: (data) => createHash('sha1').update(data).digest('hex') },
];

/** A line of such a program; without a file name where it has read stdin. Undefined: it is none. */
export function parseChecksumLine(line: string): { checksum: string; file: string } | undefined {
  const [, checksum, file = ''] = /^(\d+ \d+|[0-9a-f]{40})(?: [ *]?(.*))?$/.exec(line) ?? [];
  return checksum === undefined ? undefined : { checksum, file };
}
