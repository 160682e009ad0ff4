import { buildCrowded, buildElf, buildSymbols, type BuiltSection } from '../../unit/kmod/elfBuilder';
import { gzip, xz, zstdFrame, zstdOfBlocks } from '../packed';
import type { Pump } from '../reader';
import { richModule, SHAPE } from '../samples';

/** Where a section's header is in a file of SHAPE that buildElf made. */
const headerOf = (file: Buffer, section: number): number => Number(file.readBigUInt64LE(40)) + section * 64;

const NAME = 0;
const OFFSET = 24;
const SIZE = 32;
const ALIGNMENT = 48;

/** Sections that all show the same bytes: what copies them makes much of little. */
function overlapping(bytes: number, name: string): Buffer {
  const count = Math.max(2, Math.min(400, Math.floor(bytes / 600)));
  const data = Buffer.alloc(Math.max(64, bytes - count * 80), 'x');
  const sections: BuiltSection[] = Array.from({ length: count }, (_, index) => ({ name: `${name}${index}` }));
  const file = buildElf(SHAPE, [
    { name: '.debug_x', data },
    { name: '.modinfo', data: 'name=x\0' },
    ...sections,
  ]);
  const at = Number(file.readBigUInt64LE(headerOf(file, 1) + OFFSET));
  for (let index = 3; index < count + 3; index++) {
    file.writeBigUInt64LE(BigInt(at), headerOf(file, index) + OFFSET);
    file.writeBigUInt64LE(BigInt(data.length), headerOf(file, index) + SIZE);
  }
  return file;
}

/** Sections that all have the one long name, as much as the file holds: an eighth of it, often. */
function longNames(bytes: number): Buffer {
  const count = Math.min(16_000, Math.floor(bytes / 128));
  return buildCrowded(
    count,
    Buffer.concat([
      Buffer.from('.debug_'),
      Buffer.alloc(Math.max(16, bytes - 64 * count), 'A'),
      Buffer.of(0),
    ]),
  );
}

/** Exports whose names and namespaces all are one string without an end. */
function exports(bytes: number): Buffer {
  const count = Math.max(1, Math.floor(bytes / 256));
  const strings = Buffer.alloc(Math.max(16, bytes - 80 * count), 'A');
  return buildElf(SHAPE, [
    { name: '.modinfo', data: 'name=x\0' },
    { name: '__ksymtab', data: Buffer.alloc(12 * count) },
    { name: '__ksymtab_strings', data: strings },
    ...buildSymbols(
      SHAPE,
      Array.from({ length: count }, (_, index) => [
        { name: `__ksymtab_s${index}`, section: 2, value: 12 * index },
        { name: `__kstrtabns_s${index}`, section: 3, value: 0 },
      ]).flat(),
    ),
  ]);
}

/** Symbols that share one long name. */
function symbols(bytes: number): Buffer {
  const count = Math.max(1, Math.floor(bytes / 48));
  const [table, strings] = buildSymbols(SHAPE, [{ name: 'x'.repeat(Math.max(1, bytes / 2)) }]);
  const entry = Buffer.from(table?.data ?? '').subarray(24);
  const data = Buffer.concat([Buffer.alloc(24), ...Array.from({ length: count }, () => entry)]);
  return buildElf(SHAPE, [
    { name: '.modinfo', data: 'name=x\0' },
    { name: '.symtab', type: 2, data },
    ...(strings === undefined ? [] : [strings]),
  ]);
}

/** A section that wants to begin at a place that is a multiple of 2 ** 31. */
function aligned(): Buffer {
  const file = buildElf(SHAPE, [
    { name: '.debug_x', data: 'x' },
    { name: '.modinfo', data: 'name=x\0' },
    { name: '.text', data: 'x' },
  ]);
  file.writeBigUInt64LE(1n << 31n, headerOf(file, 3) + ALIGNMENT);
  return file;
}

const modinfo = (bytes: number, line: (index: number) => string): Buffer => {
  const count = Math.ceil(bytes / (line(1000).length + 1));
  const data = Array.from({ length: count }, (_, index) => `${line(index)}\0`).join('');
  return buildElf(SHAPE, [{ name: '.modinfo', data }]);
};

export const MODULE_RECIPES: Readonly<Record<string, Pump>> = {
  'long section names': longNames,
  'overlapping sections': (bytes) => overlapping(bytes, '.text.'),
  'overlapping init sections': (bytes) => overlapping(bytes, '.init.'),
  'one alignment of 2 GiB': aligned,
  'exports of one string': exports,
  'symbols of one name': symbols,
  'many parameters': (bytes) => modinfo(bytes, (index) => `parmtype=p${index}:int`),
  'many aliases': (bytes) => modinfo(bytes, (index) => `alias=pci:v${index}d*`),
  'aliases of stars': (bytes) => modinfo(bytes, () => 'alias=' + '*'.repeat(60)),
  'one long string': (bytes) => modinfo(bytes, () => `description=${' '.repeat(bytes)}`),
  dependencies: (bytes) => modinfo(bytes, () => `depends=${'a,'.repeat(bytes / 4)}`),
  'section names beyond the table': (bytes) => {
    const file = Buffer.concat([richModule(), Buffer.alloc(bytes)]);
    file.writeUInt32LE(0xffff_fff0, headerOf(file, 1) + NAME);
    return file;
  },
};

export const PACKED_RECIPES: Readonly<Record<string, Pump>> = {
  'zstd frames with large windows': (bytes) => {
    const frame = zstdFrame(Buffer.of(), 0x78);
    return Buffer.concat(Array.from({ length: Math.ceil(bytes / frame.length) }, () => frame));
  },
  'zstd blocks in a large window': (bytes) => zstdOfBlocks(Math.ceil(bytes / 4), 0x78),
  'zstd blocks': (bytes) => zstdOfBlocks(Math.ceil(bytes / 4), 0x38),
  'zstd frames': (bytes) => {
    const frame = zstdFrame(Buffer.from('x'), 0);
    return Buffer.concat(Array.from({ length: Math.ceil(bytes / frame.length) }, () => frame));
  },
  'zeros by gzip': (bytes) => gzip(Buffer.alloc(bytes * 1000)),
  'members of gzip': (bytes) => {
    const member = gzip(Buffer.from('x'));
    return Buffer.concat(Array.from({ length: Math.ceil(bytes / member.length) }, () => member));
  },
  'xz with a large dictionary': (bytes) => xz(Buffer.alloc(bytes, 'x'), 0x1c),
  'xz with the largest dictionary': (bytes) => xz(Buffer.alloc(bytes, 'x'), 40),
  'xz streams': (bytes) => {
    const stream = xz(Buffer.from('x'), 0x1a);
    return Buffer.concat(Array.from({ length: Math.ceil(bytes / stream.length) }, () => stream));
  },
};
