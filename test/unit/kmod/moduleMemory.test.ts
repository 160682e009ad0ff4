import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCrowded, buildElf, buildModule, buildSymbols, type ElfShape } from './elfBuilder';

/** How much a process grows at most while it reads a hostile file: what it needs for a good one it has by then. */
const READER = `
import { readFileSync } from 'node:fs';
import { sourceOf } from './kmod/bytes';
import { readContents } from './kmod/contents';
import { scanModuleInfo } from './kmod/modinfo';
const [good, hostile] = process.argv.slice(2).map((file) => readFileSync(file));
function read(bytes) {
  for (const reader of [readContents, scanModuleInfo]) {
    try {
      reader(sourceOf(bytes), 'x.ko');
    } catch {}
  }
}
for (let time = 0; time < 300; time++) read(good);
const before = process.resourceUsage().maxRSS;
read(hostile);
console.log(process.resourceUsage().maxRSS - before);
`;

let directory: string;
let reader: string;
let good: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'memory-'));
  reader = join(directory, 'reader.js');
  good = write('good.ko', buildModule(['license=GPL']));
  const stdin = { contents: READER, resolveDir: join(import.meta.dirname, '../../..') };
  await build({ stdin, bundle: true, platform: 'node', outfile: reader, logLevel: 'silent' });
});

afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, bytes: Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return file;
}

const shape: ElfShape = { bits: 64, byteOrder: 'little' };
const letters = Buffer.alloc(2 << 20, 0x41);

function manySymbols(): Buffer {
  const [table, strings] = buildSymbols(shape, [{ name: 'x'.repeat(1000) }]);
  if (table === undefined || strings === undefined) throw new Error('no symbols');
  const entry = Buffer.from(table.data ?? '').subarray(24);
  const symbols = Buffer.concat([Buffer.alloc(24), ...Array.from({ length: 200_000 }, () => entry)]);
  return buildElf(shape, [
    { name: '.modinfo', data: 'name=x\0' },
    { name: '.symtab', type: 2, data: symbols },
    strings,
  ]);
}

/** Any process grows a little from time to time. */
const FLOOR = 8 << 20;

describe('at most twice its size is held of', () => {
  it.each([
    ['65,535 sections that name one string of 2 MB', () => buildCrowded(65535, letters)],
    [
      '65,535 sections, and a NUL behind it',
      () => buildCrowded(65535, Buffer.concat([letters, Buffer.of(0)])),
    ],
    [
      '16,000 sections, and a NUL behind it',
      () => buildCrowded(16000, Buffer.concat([letters, Buffer.of(0)])),
    ],
    ['200,000 symbols of one name', manySymbols],
    ['strings of one letter, 4 MB of them', () => buildModule(Array.from({ length: 2 << 20 }, () => 'a'))],
    ['strings of one letter, 1 MB of them', () => buildModule(Array.from({ length: 500_000 }, () => 'a'))],
  ])('%s', (what, make) => {
    const bytes = make();
    const file = write('hostile.ko', bytes);
    const grown = Number(execFileSync(process.execPath, [reader, good, file])) * 1024;
    console.log(`${what}: ${bytes.length >> 10} KiB, and ${grown >> 10} KiB more while it is read`);
    // The file itself is in memory before.
    expect(grown).toBeLessThanOrEqual(Math.max(bytes.length, FLOOR));
  });
});
