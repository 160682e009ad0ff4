import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndOfBytesError, sourceOf, type ByteSource } from '../../../kmod/bytes';
import { CompressedError, decompress } from '../../../kmod/compressed';
import { readContents } from '../../../kmod/contents';
import { readDigests } from '../../../kmod/digests';
import { ElfError } from '../../../kmod/elfHeaders';
import { findModinfo, scanModuleInfo } from '../../../kmod/modinfo';
import { createModinfoScanner } from '../../../kmod/modinfoScanner';
import { findSignature } from '../../../kmod/signature';
import { Windows } from '../../../kmod/windows';
import {
  buildCrowded,
  buildElf,
  buildSymbols,
  buildVersions,
  buildWords,
  SHAPES,
  type ElfShape,
} from './elfBuilder';

/**
 * Hostile files. No test measures time: what is counted is what a reader asks a file for, and the readers count what
 * they decode against the size of the file (ElfFile.spend). By hand, with the time of the slowest: KMOD_FUZZ_RUNS=200000.
 */
const RUNS = Number(process.env['KMOD_FUZZ_RUNS'] ?? 4000);
const BY_HAND = process.env['KMOD_FUZZ_RUNS'] !== undefined;
const SEED = Number(process.env['FC_SEED'] ?? Date.now() & 0x7fffffff);

/** A module that has all that is read. Sections: 1 .modinfo, 2 __versions, … */
function richModule(shape: ElfShape): Buffer {
  const wide = shape.bits === 64;
  const modinfo = 'license=GPL\0parmtype=count:int\0parm=count:how many\0alias=pci:v*\0name=rich\0';
  const trailer = Buffer.of(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 40);
  const signed = [Buffer.alloc(40, 0x30), trailer, Buffer.from('~Module signature appended~\n')];
  const file = buildElf(shape, [
    { name: '.modinfo', data: modinfo },
    { name: '__versions', data: buildVersions(shape, [['module_layout', 1]]) },
    { name: '__version_ext_crcs', data: buildWords(shape, [1, 2]) },
    { name: '__version_ext_names', data: 'module_layout\0_printk\0' },
    { name: '__ksymtab_gpl', data: Buffer.alloc(24) },
    { name: '__kcrctab_gpl', data: buildWords(shape, [3, 4]) },
    { name: '__ksymtab_strings', data: 'one\0NS\0two\0\0' },
    { name: '__param', data: Buffer.alloc(wide ? 40 : 20) },
    { name: '.init.text', data: 'code' },
    ...buildSymbols(shape, [
      { name: '__ksymtab_one', section: 5 },
      { name: '__crc_one', section: 6 },
      { name: '__kstrtabns_one', section: 7, value: 4 },
      { name: '__param_count', section: 8, size: wide ? 40 : 20 },
      { name: 'rich_init', section: 9, info: 2 },
      { name: 'init_module', section: 9 },
      { name: '_printk' },
    ]),
  ]);
  return Buffer.concat([file, ...signed]);
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];

/** Bytes flipped or set to extremes, most of them in headers and tables; a word or more at once; and a cut. */
const mutation = fc.record({
  shape: fc.nat(SHAPES.length - 1),
  changes: fc.array(
    fc.record({
      place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      zone: fc.constantFrom('header', 'table', ...Array.from({ length: 8 }, () => 'any')),
      bytes: fc.array(fc.oneof(fc.constantFrom(...EXTREMES), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    }),
    { maxLength: 3 },
  ),
  /** Bytes of a section header that take the place of another's: tables that overlap. */
  copies: fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 1 }),
  cut: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

const originals = SHAPES.map(richModule);

function mutate({ shape, changes, copies, cut }: Mutation): Buffer {
  const file = Buffer.from(originals[shape] ?? Buffer.of());
  const wide = SHAPES[shape]?.bits === 64;
  const entry = wide ? 64 : 40;
  const table = file.length - 80 - 13 * entry;
  for (const [from, to] of copies) {
    file.copy(file, table + to * entry + 4, table + from * entry + 4, table + (from + 1) * entry);
  }
  for (const { place, zone, bytes } of changes) {
    const [start, length] =
      zone === 'header' ? [4, 60] : zone === 'table' ? [table, 13 * entry] : [0, file.length];
    file.set(
      bytes.slice(0, file.length - start),
      Math.min(start + Math.floor(place * length), file.length - 8),
    );
  }
  return file.subarray(0, Math.floor(cut * file.length));
}

/** Counts what is asked of it. */
function counted(bytes: Uint8Array): ByteSource & { readonly asked: number } {
  const source = sourceOf(bytes);
  let asked = 0;
  return {
    size: source.size,
    get asked() {
      return asked;
    },
    read(offset, length) {
      const read = source.read(offset, length);
      asked += length;
      return read;
    },
  };
}

/** What reading asks of a file is bounded by its size, and whatever is wrong has a name. */
function expectBounded(bytes: Uint8Array): void {
  for (const read of [readContents, scanModuleInfo, readDigests]) {
    const source = counted(bytes);
    expectNamed(() => read(source, 'x.ko'));
    expect(source.asked).toBeLessThanOrEqual(4 * bytes.length + 1024);
  }
  const windows = new Windows(
    () => bytes.length,
    (offset, length) => bytes.subarray(offset, offset + length),
  );
  expectNamed(() => scanModuleInfo(windows, 'x.ko'));
}

/** The file that is there for the scanner, which uses its memory again and again. */
let scanned: Uint8Array;
const scanner = createModinfoScanner({
  openSync: () => 0,
  readSync: (_file, memory, at, length, position) => {
    const piece = scanned.subarray(position, position + length);
    memory.set(piece, at);
    return piece.length;
  },
  closeSync: () => undefined,
});

/** What the scanner takes, the careful reader takes, and finds the same there. */
function expectScanned(bytes: Uint8Array): boolean {
  scanned = bytes;
  if (!scanner.scan('x.ko')) return false;
  const { start, end } = scanner.found;
  expect(scanner.memory.subarray(start, end).equals(findModinfo(sourceOf(bytes)))).toBe(true);
  const known = scanner.tail.size;
  expect(known).toBe(bytes.length);
  let signature;
  try {
    signature = findSignature(scanner.tail);
  } catch (error) {
    expect(error).toBeInstanceOf(EndOfBytesError);
    return true;
  }
  expect(signature).toEqual(findSignature(sourceOf(bytes)));
  return true;
}

function expectNamed(task: () => unknown): void {
  try {
    task();
  } catch (error) {
    if (!(error instanceof ElfError || error instanceof EndOfBytesError)) throw error;
    expect(error.message).not.toBe('');
  }
}

describe('of mutated modules', () => {
  it(`${RUNS} are read or refused by name, at a cost bounded by their size`, { timeout: 3_600_000 }, () => {
    let slowest = 0;
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(mutation, (how) => {
        const file = mutate(how);
        const start = process.cpuUsage();
        expectBounded(file);
        if (expectScanned(file)) taken++;
        slowest = Math.max(slowest, process.cpuUsage(start).user / 1000);
        try {
          readContents(sourceOf(file), 'x.ko');
        } catch {
          refused++;
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    console.log(`fuzz: ${RUNS} mutants (seed ${SEED}), ${refused} refused`);
    if (BY_HAND) console.log(`the slowest took ${slowest.toFixed(1)} ms of the processor`);
    expect(taken).toBeGreaterThan(RUNS / 40);
    expect(refused).toBeGreaterThan(RUNS / 10);
    expect(refused).toBeLessThan(RUNS);
  });

  it('compressed ones are, too', async () => {
    const module = richModule({ bits: 64, byteOrder: 'little' });
    const packed = [
      gzipSync(module),
      execFileSync('xz', ['-c', '--check=crc32'], { input: module }),
      execFileSync('zstd', ['-q', '-c'], { input: module }),
    ];
    const change = fc.tuple(fc.nat(), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(8),
        async (which, changes, cut) => {
          const original = packed[which] ?? Buffer.of();
          const mutant = Buffer.from(original);
          for (const [at, byte] of changes) mutant[at % mutant.length] = byte;
          try {
            expectBounded(await decompress(mutant.subarray(0, mutant.length - cut)));
          } catch (error) {
            if (!(error instanceof CompressedError)) throw error;
          }
        },
      ),
      { numRuns: RUNS / 10, seed: SEED },
    );
  });
});

describe('a file made to keep the reader busy', () => {
  const shape: ElfShape = { bits: 64, byteOrder: 'little' };
  it.each([
    ['65,535 sections that name one string of 2 MB', 65535, 'more than the 16384'],
    ['16,000 sections that name one string of 2 MB', 16000, 'the section names take more than'],
  ])('%s', (_what, count, message) => {
    const file = buildCrowded(count, Buffer.concat([Buffer.alloc(2 << 20, 0x41), Buffer.of(0)]));
    expect(() => readContents(sourceOf(file), 'x.ko')).toThrow(message);
    expectBounded(file);
  });

  it.each([65535, 16000])('%i sections that name one string of 2 MB without any end', (count) => {
    const file = buildCrowded(count, Buffer.alloc(2 << 20, 0x41));
    expect(() => readContents(sourceOf(file), 'x.ko')).toThrow('does not end with a NUL');
    expectBounded(file);
  });

  it('symbols that all name one long string, again and again', () => {
    const [table, strings] = buildSymbols(shape, [{ name: 'x'.repeat(1000) }]);
    const entry = Buffer.from(table?.data ?? '').subarray(24);
    const symbols = Buffer.concat([Buffer.alloc(24), ...Array.from({ length: 50_000 }, () => entry)]);
    const file = buildElf(shape, [
      { name: '.modinfo', data: 'name=x\0' },
      { name: '.symtab', type: 2, data: symbols },
      ...(strings === undefined ? [] : [strings]),
    ]);
    expect(() => readContents(sourceOf(file), 'x.ko')).toThrow('its sections or its names overlap');
    expectBounded(file);
  });

  it('more symbols than any module has', () => {
    const symbols = Array.from({ length: 70_000 }, (_, index) => ({ name: index.toString(36) }));
    const file = buildElf(shape, [{ name: '.modinfo', data: 'name=x\0' }, ...buildSymbols(shape, symbols)]);
    expect(() => readContents(sourceOf(file), 'x.ko')).toThrow('more than the 65536');
  });

  it('sections that are all of the file', () => {
    const names = ['.modinfo', '.symtab', '.strtab', '__versions', '__param', '__ksymtab_strings'];
    const file = buildElf(shape, [
      ...names.map((name) => ({ name, data: 'x\0' })),
      { name: '.pad', data: Buffer.alloc(1 << 20) },
    ]);
    const start = Number(file.readBigUInt64LE(40));
    for (let index = 1; index <= names.length; index++) {
      file.writeBigUInt64LE(0n, start + index * 64 + 24);
      file.writeBigUInt64LE(BigInt(file.length - (file.length % 24)), start + index * 64 + 32);
    }
    expect(() => readContents(sourceOf(file), 'x.ko')).toThrow(ElfError);
    expectBounded(file);
  });

  it.each(['gzip', 'xz', 'zstd'])('a bomb packed by %s', async (program) => {
    const zeros = `head -c ${300 << 20} /dev/zero | ${program} -c`;
    const bomb = execFileSync('sh', ['-c', zeros], { maxBuffer: 1 << 24 });
    expect(bomb.length).toBeLessThan(1 << 20);
    await expect(decompress(bomb)).rejects.toThrow(CompressedError);
  });
});
