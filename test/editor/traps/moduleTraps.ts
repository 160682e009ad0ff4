import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { buildCrowded, buildElf, buildModule, buildSymbols, type ElfShape } from '../../unit/kmod/elfBuilder';
import { lines, type Trap } from './trap';

const SHAPE: ElfShape = { bits: 64, byteOrder: 'little' };

/** Bytes of zeros that a small file becomes when it is unpacked. */
const BOMB = 300 << 20;

const PAGES = [
  ...['good.ko', 'zero.ko', 'ptmx.ko', 'pagemap.ko', 'pipe.ko', 'sparse.ko', 'names.ko', 'alignment.ko'],
  ...['exports.ko.gz', 'gzip.ko.gz', 'xz.ko.xz', 'windows.ko.zst', 'skipped.ko.zst'],
];

/** One Kbuild line a module that has a file: the hover reads it. */
const BUILT = ['zero', 'ptmx', 'pagemap', 'pipe', 'sparse', 'names', 'alignment', 'good'];

export const MODULE_TRAPS: Readonly<Record<string, Trap>> = {
  modules: {
    looks: [
      ...PAGES.map((path) => ({ path, as: 'page' as const })),
      ...BUILT.map((_, index) => ({ path: 'Kbuild', as: 'text' as const, hover: [index + 1, 11] as const })),
    ],
    lay(folder) {
      folder.file(
        'Kbuild',
        lines(BUILT.length, (index) => `obj-m += ${BUILT[index]}.o`),
      );
      folder.file(
        'good.ko',
        buildModule(['license=GPL', 'name=good', 'depends='], buildSymbols(SHAPE, [{ name: 'printk' }])),
      );
      folder.link('zero.ko', '/dev/zero');
      folder.link('ptmx.ko', '/dev/ptmx');
      folder.link('pagemap.ko', '/proc/self/pagemap');
      folder.pipe('pipe.ko');
      truncateSync(folder.file('sparse.ko', buildModule(['license=GPL'])), 2 ** 40);
      folder.file('names.ko', buildCrowded(60_000, Buffer.alloc(512 << 10, 'a')));
      folder.file('alignment.ko', aligned());
      folder.file('exports.ko.gz', gzipSync(exporting(4000, 16 << 20), { level: 1 }));
      folder.file('gzip.ko.gz', gzipSync(Buffer.alloc(BOMB), { level: 1 }));
      folder.file('xz.ko.xz', xzOf(BOMB));
      folder.file('windows.ko.zst', Buffer.concat(Array.from({ length: 511 }, () => FRAME_OF_32_MB)));
      folder.file('skipped.ko.zst', swollen(BOMB));
      // Who exports the symbols of good.ko is looked up beside it.
      folder.link('Module.symvers', '/dev/zero');
      folder.link('modules.order', '/dev/zero');
    },
  },
  symvers: {
    looks: [{ path: 'good.ko', as: 'page' }],
    lay(folder) {
      folder.file('good.ko', buildModule(['license=GPL'], buildSymbols(SHAPE, [{ name: 'printk' }])));
      folder.file('Module.symvers', `${'\t'.repeat(8 << 20)}\n${lines(100_000, () => '0x0\tprintk')}`);
    },
  },
};

/** A frame of RFC 8878 of one byte: magic, no flags, a window of 2^25, the last block of type RLE. */
const FRAME_OF_32_MB = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 15 << 3, 0x0b, 0, 0, 0]);

/** A skippable frame that hides the ratio, and one whose blocks of 128 KB are one byte each. */
function swollen(size: number): Buffer {
  const skipped = Buffer.alloc(8 + (4 << 20));
  skipped.writeUInt32LE(0x184d2a50, 0);
  skipped.writeUInt32LE(4 << 20, 4);
  const blocks = size >> 17;
  const frame = Buffer.alloc(6 + blocks * 4);
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3]);
  for (let index = 0; index < blocks; index++) {
    frame.writeUIntLE((1 << 20) | (1 << 1) | Number(index === blocks - 1), 6 + index * 4, 3);
  }
  return Buffer.concat([skipped, frame]);
}

const xzOf = (size: number): Buffer =>
  execFileSync('xz', ['-0', '-c'], { input: Buffer.alloc(size), maxBuffer: size });

/** A module with debug information and a section that wants to begin at a multiple of 2 GB. */
function aligned(): Buffer {
  const file = buildModule(['license=GPL'], [{ name: '.debug_info', data: 'x' }]);
  const table = Number(file.readBigUInt64LE(40));
  file.writeBigUInt64LE(2n ** 31n, table + 64 + 48);
  return file;
}

/** Each export's namespace begins in a section that no NUL ends. */
function exporting(count: number, size: number): Buffer {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  return buildElf(SHAPE, [
    { name: '.modinfo', data: 'license=GPL\0' },
    { name: '__ksymtab', data: Buffer.alloc(16) },
    { name: '__ksymtab_strings', data: Buffer.alloc(size, 'a') },
    ...buildSymbols(
      SHAPE,
      names.flatMap((name) => [
        { name: `__ksymtab_${name}`, section: 2 },
        { name: `__kstrtabns_${name}`, section: 3 },
      ]),
    ),
  ]);
}
