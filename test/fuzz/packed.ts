/** Compressed files, made without a compressor: nothing in them depends on this machine's tools. */
import { gzipSync } from 'node:zlib';

export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes);

const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const RAW = 0;
const RLE = 1;

/** A frame of raw blocks (RFC 8878). @param window its Window_Descriptor: 0x70 asks for 16 MiB, 0x78 for 32 */
export function zstdFrame(bytes: Uint8Array, window = 0x38): Buffer {
  const blocks: Buffer[] = [];
  const most = 0x4000;
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const piece = bytes.subarray(at, at + most);
    blocks.push(zstdBlock(RAW, piece.length, at + most >= bytes.length), Buffer.from(piece));
  }
  return Buffer.concat([Buffer.of(...ZSTD_MAGIC, 0, window), ...blocks]);
}

/** A frame of many blocks of one byte each. */
export function zstdOfBlocks(blocks: number, window: number): Buffer {
  const block = Buffer.concat([zstdBlock(RLE, 1, false), Buffer.of(0)]);
  return Buffer.concat([
    Buffer.of(...ZSTD_MAGIC, 0, window),
    ...Array.from({ length: blocks }, () => block),
    zstdBlock(RAW, 0, true),
  ]);
}

function zstdBlock(type: number, size: number, last: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | (last ? 1 : 0), 0, 3);
  return header;
}

/** An xz file of one block with stored chunks (xz-file-format.txt). @param dictionary its LZMA2 size, as the format codes it */
export function xz(bytes: Uint8Array, dictionary = 0x10): Buffer {
  const flags = Buffer.of(0, 1);
  const filters = Buffer.of(0x21, 1, dictionary, 0, 0, 0);
  const header = Buffer.concat([Buffer.of(filters.length / 4 + 1, 0), filters]);
  const blockHeader = withCrc(Buffer.concat([header, Buffer.alloc((8 - (header.length % 4)) % 4)]));
  blockHeader[0] = blockHeader.length / 4 - 1;
  blockHeader.writeUInt32LE(crc32(blockHeader.subarray(0, -4)), blockHeader.length - 4);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 0x10000) {
    const piece = Buffer.from(bytes.subarray(at, at + 0x10000));
    const head = Buffer.of(at === 0 ? 1 : 2, 0, 0);
    head.writeUInt16BE(piece.length - 1, 1);
    chunks.push(head, piece);
  }
  const data = Buffer.concat([...chunks, Buffer.of(0)]);
  const unpadded = blockHeader.length + data.length + 4;
  const block = Buffer.concat([blockHeader, padded(data), word(crc32(bytes))]);
  const index = withCrc(padded(Buffer.concat([Buffer.of(0, 1), varint(unpadded), varint(bytes.length)])));
  const footer = Buffer.concat([word(index.length / 4 - 1), flags]);
  return Buffer.concat([
    Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0),
    withCrc(flags),
    block,
    index,
    word(crc32(footer)),
    footer,
    Buffer.from('YZ'),
  ]);
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
const withCrc = (bytes: Buffer): Buffer => Buffer.concat([bytes, word(crc32(bytes))]);

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb88320);
  }
  return ~crc >>> 0;
}
