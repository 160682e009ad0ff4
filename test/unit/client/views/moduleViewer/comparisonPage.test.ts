import { describe, expect, it } from 'vitest';
import { comparisonPage } from '../../../../../client/views/moduleViewer/comparisonPage';
import type { Page } from '../../../../../client/views/moduleViewer/page';
import { opened } from './opened';

const compare = (before: readonly string[], after: readonly string[]): Page =>
  comparisonPage({ label: 'old/a.ko', opened: opened(before) }, { label: 'new/a.ko', opened: opened(after) });

describe('the page of two builds', () => {
  const page = compare(
    ['version=1', 'alias=fs-a', 'parmtype=n:int'],
    ['version=2', 'license=GPL', 'parmtype=n:uint', 'parm=n:count'],
  );

  it('says which files they are, and counts what differs', () => {
    expect(page.subtitle).toBe('old/a.ko → new/a.ko');
    expect(page.description).toBe(
      'What differs: fields (2), parameters (1), aliases (1), section sizes (1).',
    );
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
      ['sections', [{ text: '.modinfo', tone: 'changed' }, '36 B', '51 B', '+15 B']],
    ]);
  });

  it('draws both bars to one scale', () => {
    expect(new Set(page.sizes.map(({ scale }) => scale)).size).toBe(1);
  });
});

it('does not claim more than it compared when nothing differs', () => {
  const page = compare(['license=GPL'], ['license=GPL']);
  expect(page.tables).toEqual([]);
  expect(page.description).toContain('The code may still differ.');
});
