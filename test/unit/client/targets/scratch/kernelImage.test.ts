import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectError } from '../../../../../client/targets/errors';
import { readKernelImage } from '../../../../../client/targets/scratch/kernelImage';
import { arm64Image, zbootImage } from './imageBuilder';

const image = arm64Image();

describe('a kernel image', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kernel-image-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const read = (bytes: Buffer) => {
    const file = join(directory, 'Image');
    writeFileSync(file, bytes);
    return readKernelImage(file);
  };

  it.each([
    ['as it is', image],
    ['packed by gzip', gzipSync(image)],
    ['that unpacks itself', zbootImage(gzipSync(image))],
  ])('of arm64 tells its release, %s', async (_how, bytes) => {
    expect(await read(bytes)).toEqual({ architecture: 'arm64', release: '6.1.0' });
  });

  it.each([
    ['cut off, packed', gzipSync(image).subarray(0, -4)],
    ['cut off, that unpacks itself', zbootImage(gzipSync(image)).subarray(0, -9)],
    ['of a header alone', zbootImage(Buffer.of()).subarray(0, 0x20)],
    ['of nothing', Buffer.of()],
  ])('%s is refused by name', async (_what, bytes) => {
    const refused = await read(bytes).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConnectError);
    expect(String(refused)).toContain(join(directory, 'Image'));
  });
});
