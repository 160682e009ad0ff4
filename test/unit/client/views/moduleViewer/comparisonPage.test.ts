import { describe, expect, it } from 'vitest';
import { comparisonPage } from '../../../../../client/views/moduleViewer/comparisonPage';
import type { Page } from '../../../../../client/views/moduleViewer/page';
import type { BuiltSection } from '../../../kmod/elfBuilder';
import { opened } from './opened';

/** sh_flags (elf(5)). */
const ALLOC = 2;
const EXECINSTR = 4;

type Side = Parameters<typeof opened>;

const compareBuilds = (before: Side, after: Side): Page =>
  comparisonPage(
    { label: 'old/a.ko', opened: opened(...before) },
    { label: 'new/a.ko', opened: opened(...after) },
  );
const compare = (before: readonly string[], after: readonly string[]): Page =>
  compareBuilds([before], [after]);

describe('the page of two builds', () => {
  const page = compare(
    ['version=1', 'alias=fs-a', 'parmtype=n:int'],
    ['version=2', 'license=GPL', 'parmtype=n:uint', 'parm=n:count'],
  );

  it('says which files they are, and counts what differs', () => {
    expect(page.subtitle).toBe('old/a.ko → new/a.ko');
    expect(page.description).toBe('What differs: fields (2), parameters (1), aliases (1), sections (1).');
  });

  it('marks what was added, removed and changed', () => {
    expect(page.tables.map(({ id, rows }) => [id, ...rows.map(({ cells }) => cells)])).toEqual([
      [
        'fields',
        [{ text: 'license', tone: 'added' }, '', 'GPL'],
        [{ text: 'version', tone: 'changed' }, '1', '2'],
      ],
      ['parameters', [{ text: 'n', tone: 'changed' }, 'int', 'uint count']],
      ['aliases', [{ text: 'fs-a', tone: 'removed' }]],
      ['sections', [{ text: '.modinfo', tone: 'changed' }, 'loader tables', '36 B', '51 B', '+15 B']],
    ]);
  });

  it('draws both bars to one scale', () => {
    expect(new Set(page.sizes.map(({ scale }) => scale)).size).toBe(1);
  });
});

describe('what two builds have in their sections', () => {
  const text = (data: string): BuiltSection => ({ name: '.init.text', data, flags: ALLOC | EXECINSTR });
  const sides = (before: readonly BuiltSection[], after: readonly BuiltSection[]): Page =>
    compareBuilds([['license=GPL'], before], [['license=GPL'], after]);

  it('is the same when every byte is', () => {
    const page = sides([text('code')], [text('code')]);
    expect(page.tables).toEqual([]);
    expect(page.description).toBe('No difference: every section has the same content.');
  });

  it('differs when a byte does, and the code is named', () => {
    const page = sides([text('code')], [text('Code')]);
    expect(page.tables.map(({ rows }) => rows.map(({ cells }) => cells))).toEqual([
      [[{ text: '.init.text', tone: 'changed' }, 'code', '4 B', '4 B', 'same size, other content']],
    ]);
    expect(page.description).toBe('What differs: sections (1). The code differs (.init.text).');
  });

  it('is told apart from what the code refers to, and from all else', () => {
    const [code, debug] = [text('code'), { name: '.debug_info', data: 'a' }];
    expect(sides([code, debug], [code, { ...debug, data: 'b' }]).description).toBe(
      'What differs: sections (1). The code is the same.',
    );
    const strings = { name: '.rodata.str1.1', data: 'hello', flags: ALLOC };
    expect(sides([code, strings], [code, { ...strings, data: 'hallo' }]).description).toBe(
      'What differs: sections (1). The code is the same; its data differs (.rodata.str1.1).',
    );
    const relocations = { name: '.rela.init.text', data: 'a' };
    expect(sides([code, relocations], [code, { ...relocations, data: 'b' }]).description).toBe(
      'What differs: sections (1). The code is the same byte by byte; what it refers to (its relocations) differs.',
    );
  });
});
