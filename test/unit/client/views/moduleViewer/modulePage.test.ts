import { describe, expect, it } from 'vitest';
import { findOriginsIn } from '../../../../../client/kernel/moduleSurroundings';
import { modulePage } from '../../../../../client/views/moduleViewer/modulePage';
import { importTable } from '../../../../../client/views/moduleViewer/moduleTables';
import type { FactGroup, Table } from '../../../../../client/views/moduleViewer/page';
import { pageText } from '../../../../../client/views/moduleViewer/pageText';
import { ModuleTree } from '../../../../../kmod/tree/moduleTree';
import { buildSymbols, buildVersions, type BuiltSymbol, type ElfShape } from '../../../kmod/elfBuilder';
import { opened } from './opened';

const shape: ElfShape = { bits: 64, byteOrder: 'little' };

const MODINFO = [
  'version=1.0',
  'description=Greets from the kernel',
  'license=GPL',
  'author=A',
  'author=B',
  'parmtype=b:int',
  'parm=b:second',
  'parmtype=a:charp',
  'depends=x,y-z',
  'softdep=pre: p1 p2 post: q',
  'alias=fs-hello',
  'alias=pci:v00008086d0000100Esv*sd*bc*sc*i*',
  'vermagic=6.1.0 SMP mod_unload ',
];

const rows = (tables: readonly Table[], id: string): unknown =>
  tables.find((table) => table.id === id)?.rows.map(({ cells }) => cells);

const facts = (groups: readonly FactGroup[], title: string): unknown =>
  groups
    .find((group) => group.title === title)
    ?.facts.map(({ label, values }) => [
      label,
      ...values.map((value) => (typeof value === 'string' ? value : value.text)),
    ]);

describe("a module's page", () => {
  const page = modulePage(opened(MODINFO));

  it('begins with what the module is', () => {
    expect([page.title, page.subtitle, page.description]).toEqual(['hello', '1.0', 'Greets from the kernel']);
    expect(page.badges.map(({ text }) => text)).toEqual([
      'GPL',
      'x86_64',
      '6.1.0',
      'not signed',
      'taints the kernel (O, E)',
    ]);
  });

  it('says of a target which that is', () => {
    const remote = modulePage(opened(MODINFO), { target: 'board-a', release: '6.1.9' });
    expect(remote.place).toBe('The module that is installed on board-a, which runs 6.1.9.');
    expect(facts(remote.facts, 'File')).toContainEqual(['Target', 'board-a']);
    expect(pageText(remote)).toContain('board-a');
    expect(page.place).toBeUndefined();
  });

  it('offers the devices that it would claim where it has aliases', () => {
    expect(page.actions).toEqual(['copy', 'text', 'compare', 'devices']);
    expect(modulePage(opened(['license=GPL'])).actions).toEqual(['copy', 'text', 'compare']);
  });

  it('lists parameters as the source has them, with what is known of each', () => {
    expect(rows(page.tables, 'parameters')).toEqual([
      ['a', 'charp', '', ''],
      ['b', 'int', '', 'second'],
    ]);
  });

  it('links what the module depends on, hard and soft', () => {
    expect(rows(page.tables, 'dependencies')).toEqual([
      [{ text: 'x', link: { module: 'x' } }, 'needed: its symbols are used'],
      [{ text: 'y-z', link: { module: 'y-z' } }, 'needed: its symbols are used'],
      [{ text: 'p1', link: { module: 'p1' } }, 'soft: loaded before, if it can be'],
      [{ text: 'p2', link: { module: 'p2' } }, 'soft: loaded before, if it can be'],
      [{ text: 'q', link: { module: 'q' } }, 'soft: loaded after, if it can be'],
    ]);
  });

  it('explains aliases by their bus', () => {
    const aliases = page.tables.find(({ id }) => id === 'aliases');
    expect(aliases?.rows.map(({ group, cells }) => [group, ...cells])).toEqual([
      ['File system', 'mount -t hello', 'fs-hello'],
      ['PCI', 'vendor 8086, device 100e', 'pci:v00008086d0000100Esv*sd*bc*sc*i*'],
    ]);
  });

  it('says what the kernel would note, and what a stripped file does not tell', () => {
    expect(facts(page.facts, 'Taints')).toEqual([
      ['O', 'it was built outside of the kernel tree'],
      ['E', 'it has no signature'],
    ]);
    expect(facts(page.facts, 'Functions')).toEqual([['Init', 'unknown: the file has no symbols']]);
  });

  it('tells the namespaces of symbols that it imports', () => {
    const { facts: groups } = modulePage(
      opened(['author=A', 'import_ns=CRYPTO_INTERNAL', 'import_ns=DMA_BUF']),
    );
    expect(pageText({ ...page, facts: groups })).toMatch(
      /Imports +CRYPTO_INTERNAL \(namespace\)\n +DMA_BUF \(namespace\)\n/,
    );
  });

  it('says of a signature that modinfo does not read that it is there', () => {
    const module = opened(['license=GPL']);
    const info = { ...module.contents.info, signed: true as const };
    const signed = modulePage({ ...module, contents: { ...module.contents, info } });
    expect(signed.badges).toContainEqual({ text: 'signed' });
    expect(facts(signed.facts, 'Signature')).toEqual([
      ['Signer', 'unknown: modinfo does not read this kind, or it is damaged'],
    ]);
    expect(page.badges).toContainEqual({ text: 'not signed' });
  });

  it('has no list of what the module has none of', () => {
    expect(page.tables.map(({ id }) => id)).toEqual([
      'parameters',
      'dependencies',
      'aliases',
      'sections',
      'modinfo',
    ]);
  });

  it('shows every byte of the sections in its bar', () => {
    const [bar] = page.sizes;
    expect(bar?.parts.filter(({ bytes }) => bytes > 0).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
      bar?.scale,
    );
  });
});

describe('the symbols of a page', () => {
  const symbols: BuiltSymbol[] = [
    { name: 'init_module', section: 1, info: 0x12 },
    { name: '_printk' },
    { name: 'gone' },
    { name: 'other_add' },
  ];
  const module = opened(MODINFO, [
    ...buildSymbols(shape, symbols),
    {
      name: '__versions',
      data: buildVersions(shape, [
        ['_printk', 0x12],
        ['other_add', 0x34],
      ]),
    },
  ]);

  it('warn where a module can never be unloaded', () => {
    expect(facts(modulePage(module).facts, 'Functions')).toEqual([
      ['Init', 'init_module'],
      ['Exit', 'none: it can not be unloaded'],
    ]);
  });

  it('have exporters, links to them, and a warning where the CRC is another one', () => {
    const origins = new Map([
      ['_printk', { exporter: 'vmlinux', crc: 0x12 }],
      ['other_add', { exporter: 'other', crc: 0x99 }],
    ]);
    const table = importTable(module.contents, { origins, sources: ['/build/Module.symvers'] });
    expect(table.hint).toContain('by /build/Module.symvers.');
    expect(rows([table], 'imports')).toEqual([
      ['_printk', { text: 'vmlinux' }, '0x00000012'],
      ['gone', { text: 'unknown', tone: 'warning' }, ''],
      [
        'other_add',
        {
          text: 'other',
          link: { module: 'other' },
          tone: 'warning',
          note: 'with another CRC, 0x00000099: that kernel refuses this module',
        },
        '0x00000034',
      ],
    ]);
  });

  it("are the kernel's own where no module of a target exports them", () => {
    const tree = ModuleTree.of((file) =>
      file === 'modules.symbols' ? Buffer.from('alias symbol:other_add other\n') : undefined,
    );
    const symbols = new Set(module.contents.imports.map(({ name }) => name));
    const table = importTable(module.contents, findOriginsIn(tree, symbols, 'board-a'));
    expect(table.hint).toContain('by modules.symbols of board-a. What no module exports');
    expect(table.rows.map(({ cells }) => cells[1])).toEqual([
      'the kernel',
      'the kernel',
      { text: 'other', link: { module: 'other' } },
    ]);
  });

  it('that are weak may be missing', () => {
    const { contents } = module;
    const imports = contents.imports.map((symbol) => ({ ...symbol, weak: symbol.name === 'gone' }));
    const sources = ['/build/Module.symvers'];
    const table = importTable({ ...contents, imports }, { origins: new Map(), sources });
    expect(table.rows[1]?.cells).toEqual([
      { text: 'gone', note: 'weak' },
      { text: 'unknown', note: 'the module loads without it' },
      '',
    ]);
  });

  it('have no exporters where nothing could be asked', () => {
    const table = importTable(module.contents, { origins: new Map(), sources: [] });
    expect(table.hint).toContain('Who exports them is unknown');
    expect(table.columns.map(({ title }) => title)).toEqual(['Symbol', 'CRC']);
    expect(table.rows[0]?.cells).toEqual(['_printk', '0x00000012']);
  });
});

it('is printed as text, each value in its line', () => {
  const text = pageText(
    modulePage(opened(['license=GPL', 'description=two\nlines', 'parm=a:x\ty', 'parmtype=a:int'])),
  );
  expect(text).toMatch(/^hello\ntwo\nlines\nGPL\n/);
  expect(text).toContain(
    'Parameters (1)\n  Name  Type  Permission  Description\n  a     int               x y\n',
  );
  expect(text).toContain('Modinfo (4)\n  Field        Value\n  license      GPL\n  description  two lines\n');
});
