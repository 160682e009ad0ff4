import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { readContents, type ModuleContents } from '../../../kmod/contents';
import { ElfError } from '../../../kmod/elfHeaders';
import {
  buildElf,
  buildModule,
  buildSymbols,
  buildVersions,
  buildWords,
  SHAPES,
  type BuiltSection,
  type BuiltSymbol,
  type ElfShape,
} from './elfBuilder';

const LOCAL_FUNCTION = 2;
const WEAK = 0x20;
const ABSOLUTE = 0xfff1;
const little64: ElfShape = { bits: 64, byteOrder: 'little' };

interface Parts {
  readonly modinfo?: string;
  /** The first of them is section 2. */
  readonly sections?: readonly BuiltSection[];
  readonly symbols?: readonly BuiltSymbol[];
}

function contentsOf(
  shape: ElfShape,
  { modinfo = 'name=a', sections = [], symbols = [] }: Parts,
): ModuleContents {
  const all = [{ name: '.modinfo', data: `${modinfo}\0` }, ...sections, ...buildSymbols(shape, symbols)];
  return readContents(sourceOf(buildElf(shape, all)), 'a.ko');
}

describe.each(SHAPES)('of a module of $bits bits, $byteOrder-endian,', (shape) => {
  it('imports are its undefined symbols, with the CRCs of __versions', () => {
    const versions = buildVersions(shape, [
      ['module_layout', 0xfedcba98],
      ['_printk', 0x12345678],
    ]);
    const contents = contentsOf(shape, {
      sections: [{ name: '__versions', data: versions }],
      symbols: [{ name: 'optional', info: WEAK }, { name: '_printk' }, { name: 'here', section: 1 }],
    });
    expect(contents.imports).toEqual([
      { name: '_printk', crc: 0x12345678, weak: false },
      { name: 'optional', weak: true },
    ]);
    expect(contents.versions).toEqual([
      { name: 'module_layout', crc: 0xfedcba98 },
      { name: '_printk', crc: 0x12345678 },
    ]);
  });

  it('CRCs of the newer tables go before those of __versions', () => {
    const contents = contentsOf(shape, {
      sections: [
        { name: '__versions', data: buildVersions(shape, [['short', 1]]) },
        { name: '__version_ext_crcs', data: buildWords(shape, [2, 0x80000003]) },
        { name: '__version_ext_names', data: `short\0${'long_'.repeat(20)}\0` },
      ],
    });
    expect(contents.versions).toEqual([
      { name: 'short', crc: 2 },
      { name: 'long_'.repeat(20), crc: 0x80000003 },
    ]);
  });

  it('exports are told with CRC, licence and namespace', () => {
    const contents = contentsOf(shape, {
      sections: [
        { name: '__ksymtab', data: Buffer.alloc(12) },
        { name: '__ksymtab_gpl', data: Buffer.alloc(12) },
        { name: '__kcrctab_gpl', data: buildWords(shape, [0, 0xdeadbeef]) },
        { name: '__ksymtab_strings', data: 'beta\0USB\0alpha\0\0' },
      ],
      symbols: [
        { name: '__ksymtab_beta', section: 3 },
        { name: '__crc_beta', section: 4, value: 4 },
        { name: '__kstrtabns_beta', section: 5, value: 5 },
        { name: '__ksymtab_alpha', section: 2 },
        { name: '__kstrtabns_alpha', section: 5, value: 15 },
        { name: '__crc_alpha', section: ABSOLUTE, value: 0xcafe },
      ],
    });
    expect(contents.exports).toEqual([
      { name: 'alpha', crc: 0xcafe, gpl: false },
      { name: 'beta', crc: 0xdeadbeef, gpl: true, namespace: 'USB' },
    ]);
  });

  it('exports of one table are GPL-only where their flags say so', () => {
    const contents = contentsOf(shape, {
      sections: [
        { name: '__ksymtab', data: Buffer.alloc(24) },
        { name: '__kflagstab', data: Buffer.of(0, 1) },
      ],
      symbols: [
        { name: '__ksymtab_free', section: 2 },
        { name: '__flags_free', section: 3 },
        { name: '__ksymtab_bound', section: 2, value: 12 },
        { name: '__flags_bound', section: 3, value: 1 },
      ],
    });
    expect(contents.exports).toEqual([
      { name: 'bound', gpl: true },
      { name: 'free', gpl: false },
    ]);
  });

  it('parameters have the permissions of struct kernel_param', () => {
    const size = shape.bits === 64 ? 40 : 20;
    const mode = Buffer.of(0o644 >> 8, 0o644 & 0xff);
    const table = Buffer.alloc(2 * size);
    table.set(shape.byteOrder === 'big' ? mode : mode.reverse(), size + (shape.bits === 64 ? 24 : 12));
    const contents = contentsOf(shape, {
      modinfo: 'parmtype=shown:int\0parm=other:not in the table',
      sections: [{ name: '__param', data: table }],
      symbols: [
        { name: '__param_hidden', section: 2, size },
        { name: '__param_shown', section: 2, value: size, size },
      ],
    });
    expect(contents.parameters).toEqual([
      { name: 'shown', type: 'int', permissions: 0o644 },
      { name: 'other', description: 'not in the table' },
      { name: 'hidden', permissions: 0 },
    ]);
  });

  it('init and exit have their names in the source', () => {
    const contents = contentsOf(shape, {
      sections: [{ name: '.init.text', data: 'code' }],
      symbols: [
        { name: '$a', section: 2 },
        { name: 'hello_init', section: 2, info: LOCAL_FUNCTION },
        { name: 'elsewhere', section: 1, info: LOCAL_FUNCTION },
        { name: 'init_module', section: 2 },
        { name: 'cleanup_module', section: 2, value: 2 },
      ],
    });
    expect(contents).toMatchObject({ init: 'hello_init', exit: 'cleanup_module' });
  });
});

describe('a module', () => {
  it('without symbols is told to be stripped', () => {
    const source = sourceOf(buildElf(little64, [{ name: '.modinfo', data: 'name=a\0' }]));
    expect(readContents(source, 'a.ko')).toMatchObject({ stripped: true, imports: [], exports: [] });
    expect(contentsOf(little64, {})).toMatchObject({ stripped: false });
  });

  it.each([
    ['license=GPL\0intree=Y', 'E'],
    ['license=Dual MIT/GPL', 'OE'],
    ['license=Proprietary\0license=GPL', 'POE'],
    ['description=nothing\0staging=Y', 'POCE'],
    ['license=GPL v2\0intree=Y\0livepatch=Y\0test=Y', 'KNE'],
  ])('that says %j taints with %s', (modinfo, letters) => {
    expect(
      contentsOf(little64, { modinfo })
        .taints.map(({ letter }) => letter)
        .join(''),
    ).toBe(letters);
  });

  it('that ends with a signature of any kind does not taint for want of one', () => {
    const signed = Buffer.concat([
      buildModule(['license=GPL']),
      Buffer.from('~Module signature appended~\n'),
    ]);
    const { info, taints } = readContents(sourceOf(signed), 'a.ko');
    expect(info).toMatchObject({ signed: true });
    expect(taints.map(({ letter }) => letter)).toEqual(['O']);
  });

  it.each<[string, Parts]>([
    ['__versions is no table', { sections: [{ name: '__versions', data: 'x' }] }],
    ['a name in __versions has no end', { sections: [{ name: '__versions', data: 'x'.repeat(64) }] }],
    [
      '__version_ext_crcs has 1 CRCs, __version_ext_names 2 names',
      {
        sections: [
          { name: '__version_ext_crcs', data: 'xxxx' },
          { name: '__version_ext_names', data: 'a\0b\0' },
        ],
      },
    ],
    ['the name of a symbol has no end', { symbols: [{ name: 'x'.repeat(1025) }] }],
  ])('is refused where %s', (message, parts) => {
    expect(() => contentsOf(little64, parts)).toThrow(ElfError);
    expect(() => contentsOf(little64, parts)).toThrow(message);
  });
});

describe('A module whose names have no end', () => {
  it('is refused once looking for them cost more than the file has', () => {
    const sections = [
      { name: '___ksymtab+a', data: '' },
      { name: '__ksymtab_strings', data: 'n'.repeat(4 << 20) },
    ];
    const symbols = Array.from({ length: 20_000 }, (_, index) => [
      { name: `__ksymtab_s${index}`, section: 2 },
      { name: `__kstrtabns_s${index}`, section: 3 },
    ]).flat();
    expect(() => contentsOf(little64, { sections, symbols })).toThrow(ElfError);
  });

  it('has no namespaces where they are few', () => {
    const sections = [
      { name: '___ksymtab+a', data: '' },
      { name: '__ksymtab_strings', data: 'n'.repeat(4 << 10) },
    ];
    const symbols = [
      { name: '__ksymtab_one', section: 2 },
      { name: '__kstrtabns_one', section: 3 },
    ];
    const { exports } = contentsOf(little64, { sections, symbols });
    expect(exports).toEqual([{ name: 'one', gpl: false }]);
  });

  it('is refused where __version_ext_names holds nothing but ends', () => {
    const sections = [
      { name: '__version_ext_crcs', data: buildWords(little64, [1]) },
      { name: '__version_ext_names', data: Buffer.alloc(32 << 20) },
    ];
    expect(() => contentsOf(little64, { sections })).toThrow('__version_ext_crcs has 1 CRCs');
  });
});
