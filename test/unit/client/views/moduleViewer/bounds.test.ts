import { expect, it } from 'vitest';
import { boundedTable } from '../../../../../client/views/moduleViewer/bounds';

it('sends a webview no more than it can draw, and says so', () => {
  const rows = Array.from({ length: 20_001 }, () => ({
    cells: ['x'.repeat(5000), { text: 'y', note: 'z' }],
  }));
  const table = boundedTable({ id: 'imports', title: 'Imports', columns: [], rows });
  expect(table.hint).toBe('The first 20000; 1 more are not shown.');
  expect(table.rows).toHaveLength(20_000);
  expect(table.rows[0]?.cells).toEqual([`${'x'.repeat(4096)}…`, { text: 'y', note: 'z' }]);
});
