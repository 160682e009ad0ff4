import { crc32, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompressedError, decompress } from '../../../kmod/compressed';

const TEXT = 'hello, module\n';
/** What `xz --check=crc32` and `zstd -19` made of TEXT, the second also from a pipe and twice in a row. */
const XZ = '/Td6WFoAAAFpIt42AgAhARYAAAB0L+WjAQANaGVsbG8sIG1vZHVsZQoAAADOvSgtAAEiDgzejGCQQpkNAQAAAAABWVo=';
const ZSTD = 'KLUv/SQOcQAAaGVsbG8sIG1vZHVsZQphm8f0';
const ZSTD_PIPED = 'KLUv/QRYcQAAaGVsbG8sIG1vZHVsZQphm8f0';
/** A mebibyte of zeros, by zstd and by a zstd that did not know the size; an xz that wants 512 MiB of dictionary. */
const ZSTD_ZEROS = 'KLUv/aQAABAATAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAwAQAPE+FuE=';
const ZSTD_ZEROS_PIPED = 'KLUv/QRYVAAAEAAAAQD7/znAAgIAEAACABAAAgAQAAIAEAACABAAAgAQAAMAEADxPhbh';
const XZ_ZEROS =
  '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM7///ANldAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1Iq9+SVJQAAAAAAwva6PqJwa2AAAfUBgIBAAHmXf0exxGf7AgAAAAAEWVo=';
const XZ_HUGE_DICTIONARY =
  '/Td6WFoAAATm1rRGAgAhASIAAACCQKzc4ABjAAZdADxungAAAAAAAFmzcVcWqutkAAEiZEpW680ftvN9AQAAAAAEWVo=';

const bytes = (base64: string) => Buffer.from(base64, 'base64');

const FILES = [
  ['gzip', gzipSync(TEXT)],
  ['xz', bytes(XZ)],
  ['zstd', bytes(ZSTD)],
  ['zstd from a pipe', bytes(ZSTD_PIPED)],
] as const;

describe('a compressed file', () => {
  it.each(FILES)('by %s is unpacked', async (_format, file) => {
    expect(Buffer.from(await decompress(file)).toString()).toBe(TEXT);
  });

  it('of two zstd frames is unpacked whole', async () => {
    const twice = Buffer.concat([bytes(ZSTD), bytes(ZSTD_PIPED)]);
    expect(Buffer.from(await decompress(twice)).toString()).toBe(TEXT + TEXT);
  });

  it('of zstd frames with a frame to skip between them is unpacked whole', async () => {
    const skipped = Buffer.from('502a4d1803000000414243', 'hex');
    const file = Buffer.concat([bytes(ZSTD), skipped, bytes(ZSTD_PIPED), skipped, bytes(ZSTD)]);
    expect(Buffer.from(await decompress(file)).toString()).toBe(TEXT.repeat(3));
  });

  it('is told by its content: other bytes come back as they are', async () => {
    const elf = Buffer.from('\x7fELF');
    expect(await decompress(elf)).toBe(elf);
  });

  it.each(FILES)('by %s that is cut off anywhere is refused', async (_format, file) => {
    for (let length = 6; length < file.length; length++) {
      await expect(decompress(file.subarray(0, length)), `${length} bytes`).rejects.toThrow(CompressedError);
    }
  });

  it.each(FILES)('by %s with flipped bytes is read or refused, never worse', async (_format, file) => {
    const mutation = fc.tuple(fc.integer({ min: 6, max: file.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const mutant = Buffer.from(file);
        for (const [offset, byte] of mutations) {
          mutant[offset] = byte;
        }
        const outcome = await decompress(mutant, { maxBytes: 1 << 20 }).catch((error: unknown) => error);
        expect(outcome instanceof Uint8Array || outcome instanceof CompressedError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a bomb', () => {
  it.each([
    ['gzip', gzipSync(Buffer.alloc(1 << 20))],
    ['xz', bytes(XZ_ZEROS)],
    ['zstd', bytes(ZSTD_ZEROS)],
    ['zstd from a pipe', bytes(ZSTD_ZEROS_PIPED)],
  ])(
    'by %s is refused when its content passes the limit, and read when it does not',
    async (_format, file) => {
      await expect(decompress(file, { maxBytes: (1 << 20) - 1 })).rejects.toThrow(
        new CompressedError('the compressed file holds more than 1048575 bytes'),
      );
      expect(await decompress(file, { maxBytes: 1 << 20 })).toHaveLength(1 << 20);
    },
  );

  it('that wants a huge xz dictionary is refused', async () => {
    await expect(decompress(bytes(XZ_HUGE_DICTIONARY))).rejects.toThrow('dictionary is larger than 64 MiB');
  });

  it('that wants gigabytes of xz dictionary is refused before they are reserved', async () => {
    const withSum = (...values: number[]): Buffer => {
      const sum = Buffer.alloc(4);
      sum.writeUInt32LE(crc32(Buffer.from(values)));
      return Buffer.concat([Buffer.from(values), sum]);
    };
    const asks = (dictionary: number): Promise<unknown> => {
      // A stream without a check; a block of LZMA2 with one byte that is stored: xz-file-format.txt, section 3.1.
      const block = withSum(2, 0, 0x21, 1, dictionary, 0, 0, 0);
      const head = Buffer.concat([Buffer.from('fd377a585a00', 'hex'), withSum(0, 0)]);
      return decompress(Buffer.concat([head, block, Buffer.of(1, 0, 0, 0x41, 0, 0, 0, 0)]));
    };
    await expect(asks(0)).rejects.toThrow('damaged xz file: it is truncated');
    const before = process.memoryUsage().external;
    // 128 MiB, 3 GiB, and 4 GiB less a byte, which xz-embedded does not know.
    for (const dictionary of [30, 39]) {
      await expect(asks(dictionary)).rejects.toThrow('its dictionary is larger than 64 MiB');
    }
    await expect(asks(40)).rejects.toThrow(CompressedError);
    expect(process.memoryUsage().external - before).toBeLessThan(32 << 20);
  });

  it('that wants a huge zstd window is refused before it is reserved', async () => {
    const frame = Buffer.from('28b52ffd00a0010000', 'hex');
    await expect(decompress(frame)).rejects.toThrow('with a window of 1073741824 bytes');
  });

  it('of many zstd frames, each with the largest window, is refused before the windows are reserved', async () => {
    const frame = Buffer.from('28b52ffd00780b000041', 'hex');
    const file = Buffer.alloc(511 * frame.length, frame);
    await expect(decompress(file)).rejects.toThrow('ask for windows of more than');
  });

  it.each([
    ['zstd frames', Buffer.from('28b52ffd200109000041', 'hex')],
    ['frames to skip', Buffer.from('502a4d1800000000', 'hex')],
  ])('of more %s than anybody writes is refused', async (_what, frame) => {
    const file = Buffer.concat([bytes(ZSTD), Buffer.alloc(200_000 * frame.length, frame)]);
    await expect(decompress(file)).rejects.toThrow('of more than 1024 frames');
  });

  it('of many gzip members is read in the time of its length', async () => {
    const file = Buffer.concat([gzipSync(TEXT), Buffer.alloc(100_000 * 20, gzipSync(''))]);
    expect(Buffer.from(await decompress(file)).toString()).toBe(TEXT);
  });

  it('of many small zstd blocks in a large window is refused', async () => {
    const header = Buffer.from('28b52ffd0078', 'hex');
    const blocks = Buffer.alloc(4 * 600, Buffer.from('0a000041', 'hex'));
    const file = Buffer.concat([header, blocks, Buffer.from('0b000041', 'hex')]);
    await expect(decompress(file)).rejects.toThrow('so many small blocks');
  });

  it('that needs a zstd dictionary is refused', async () => {
    await expect(decompress(Buffer.from('28b52ffd0158070b000041', 'hex'))).rejects.toThrow(
      'needs a dictionary',
    );
  });

  it('leaves the xz reader usable for the next file', async () => {
    await Promise.allSettled(
      Array.from({ length: 4 }, () => decompress(bytes(XZ_ZEROS), { maxBytes: 1000 })),
    );
    expect(Buffer.from(await decompress(bytes(XZ))).toString()).toBe(TEXT);
  });
});
