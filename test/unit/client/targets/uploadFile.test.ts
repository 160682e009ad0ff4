import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { Link } from '../../../../client/targets/link';
import type { RunOptions, RunResult } from '../../../../client/targets/target';
import { uploadFile } from '../../../../client/targets/uploadFile';

const DATA = Buffer.alloc(30_000, 'data of a module\n');

/** What a target got, one piece after the other; it takes what `takes` says. */
function target(takes: (stdin: Uint8Array) => boolean) {
  const got: Uint8Array[] = [];
  return {
    got,
    run: (_argv: readonly string[], { stdin = DATA }: RunOptions = {}): Promise<RunResult> => {
      got.push(stdin);
      const taken = takes(stdin);
      return Promise.resolve({
        exitCode: taken ? 0 : 74,
        stdout: Buffer.alloc(0),
        stderr: taken ? '' : 'cat: write error: No space left on device',
      });
    },
  };
}

const isPacked = (stdin: Uint8Array): boolean => stdin[0] === 0x1f && stdin[1] === 0x8b;

it('sends a file as it is where the line is fast', async () => {
  const { run, got } = target(() => true);
  const link = new Link();
  link.saw(1);
  await uploadFile(run, link, DATA, '/tmp/x.ko', {});
  expect(got).toEqual([DATA]);
});

it('sends what gzip makes of it where the line is slow', async () => {
  const { run, got } = target(() => true);
  const link = new Link();
  link.saw(40);
  await uploadFile(run, link, DATA, '/tmp/x.ko', {});
  expect(got.map(isPacked)).toEqual([true]);
  expect(gunzipSync(got[0] ?? '').equals(DATA)).toBe(true);
});

it('packs nothing more for a target that could not unpack it', async () => {
  const { run, got } = target((stdin) => !isPacked(stdin));
  const link = new Link();
  link.saw(40);
  await uploadFile(run, link, DATA, '/tmp/x.ko', {});
  await uploadFile(run, link, DATA, '/tmp/y.ko', {});
  expect(got.map(isPacked)).toEqual([true, false, false]);
});

it('goes without printf where that is none', async () => {
  const link = new Link();
  link.saw(1);
  const { run, got } = target(() => !link.spells);
  await uploadFile(run, link, DATA, '/tmp/x.ko', {});
  await uploadFile(run, link, DATA, '/tmp/y.ko', {});
  expect(got).toHaveLength(3);
});

it('tells what the target says, and does not blame printf, when nothing helps', async () => {
  const link = new Link();
  link.saw(1);
  const { run } = target(() => false);
  await expect(uploadFile(run, link, DATA, '/tmp/x.ko', {})).rejects.toThrow(
    'upload to /tmp/x.ko: cat: write error: No space left on device',
  );
  expect(link.spells).toBe(true);
});
