import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  openRegularHandle,
  readRegularFile,
  readRegularFileSync,
  readStart,
  readTextFile,
} from '../../../../engine/files/regularFile';
import { HOSTILE_FILES } from './hostileFiles';

const opened = vi.hoisted((): string[] => []);
/** It has one byte more once it is open. */
const grow = vi.hoisted(() => ({ file: '' }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return {
    ...real,
    openSync: (path: string, flags: number) => {
      opened.push(path);
      return real.openSync(path, flags);
    },
    fstatSync: (descriptor: number) => {
      const status = real.fstatSync(descriptor);
      if (grow.file !== '') real.appendFileSync(grow.file, 'x');
      return status;
    },
  };
});
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, open: (path: string, flags: number) => (opened.push(path), real.open(path, flags)) };
});

let root = '';
let file = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kmod-files-'));
  file = join(root, 'file');
  opened.length = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

const LIMIT = 1 << 20;

describe('a regular file', () => {
  it.each([0, 1, 4095, 4096, 4097, LIMIT - 1, LIMIT])('of %d bytes is read whole', async (size) => {
    const bytes = Buffer.alloc(size, 'abc');
    writeFileSync(file, bytes);
    expect((await readRegularFile(file, LIMIT)).equals(bytes)).toBe(true);
    expect(readRegularFileSync(file, LIMIT).equals(bytes)).toBe(true);
    expect(readStart(file, 10).equals(bytes.subarray(0, 10))).toBe(true);
  });

  it('of more bytes than the limit is refused, and the message tells which and why', async () => {
    writeFileSync(file, Buffer.alloc(LIMIT + 1));
    const refusal = `${file}: it has more than ${LIMIT} bytes, and is not read`;
    await expect(readRegularFile(file, LIMIT)).rejects.toThrow(refusal);
    expect(() => readRegularFileSync(file, LIMIT)).toThrow(refusal);
  });

  it('of the kernel, which says that it has 0 bytes, is read whole', async () => {
    expect(await readTextFile('/proc/version', LIMIT)).toBe(readFileSync('/proc/version', 'utf8'));
    expect(readRegularFileSync('/proc/cmdline', LIMIT)).toEqual(readFileSync('/proc/cmdline'));
  });

  it('of the kernel has a limit too', async () => {
    await expect(readRegularFile('/proc/version', 10)).rejects.toThrow('more than 10 bytes');
    expect(() => readRegularFileSync('/proc/version', 10)).toThrow('more than 10 bytes');
  });

  it('that is not there, or not ours to read, is told by the error of the file system', async () => {
    await expect(readRegularFile(file, LIMIT)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => readRegularFileSync(join(root, 'a/b'), LIMIT)).toThrow('ENOENT');
  });

  it('that grows while it is read is read to the limit, and no further', () => {
    writeFileSync(file, Buffer.alloc(LIMIT));
    grow.file = file;
    try {
      expect(() => readRegularFileSync(file, LIMIT)).toThrow(`more than ${LIMIT} bytes`);
    } finally {
      grow.file = '';
    }
  });

  it('takes about as much memory as it has bytes, whatever the limit', async () => {
    writeFileSync(file, Buffer.alloc(100_000));
    const bytes = await readRegularFile(file, 2 ** 40);
    expect(bytes.buffer.byteLength).toBeLessThan(110_000);
    expect((await readRegularFile('/proc/version', 2 ** 40)).buffer.byteLength).toBeLessThan(10_000);
  });
});

describe.each(HOSTILE_FILES)('$what', ({ make, error }) => {
  it('is refused at once by every reader', async () => {
    make(file);
    await expect(readRegularFile(file, LIMIT)).rejects.toMatchObject({ name: error });
    await expect(readTextFile(file, LIMIT)).rejects.toMatchObject({ name: error });
    expect(() => readRegularFileSync(file, LIMIT)).toThrow(expect.objectContaining({ name: error }));
    if (error === 'NotARegularFileError') {
      await expect(openRegularHandle(file)).rejects.toMatchObject({ name: error });
      expect(() => readStart(file, 10)).toThrow(expect.objectContaining({ name: error }));
      // To open a device is an act of its own.
      expect(opened).toEqual([]);
    }
  });
});

it('tells what is there instead of a file', async () => {
  execFileSync('mkfifo', [file]);
  await expect(readRegularFile(file, LIMIT)).rejects.toThrow(`${file}: not a file, but a FIFO`);
  await expect(readRegularFile(root, LIMIT)).rejects.toThrow('not a file, but a directory');
  await expect(readRegularFile('/dev/zero', LIMIT)).rejects.toThrow('not a file, but a device');
});

it('keeps no thread of Node waiting, however many files are none', async () => {
  symlinkSync('/dev/ptmx', file);
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const attempts = Array.from({ length: 20 }, (_, index) =>
    readRegularFile(index % 2 === 0 ? file : join(root, 'fifo'), LIMIT),
  );
  expect((await Promise.allSettled(attempts)).every(({ status }) => status === 'rejected')).toBe(true);
  expect(await readTextFile('/proc/version', LIMIT)).toContain('Linux');
});
