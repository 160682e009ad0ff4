import type { WebviewStart } from '../../webviewPage';
import type { Page } from '../page';
import { toHtml } from './markup';
import { pageMarkup } from './page';
import { bodiesMarkup, columnWidths, tableMarkup } from './table';

/** Rows of all tables: more are not on a screen, and each of them delays the first paint. */
const ROWS = 40;

/** A page as it is painted first: its script then draws the same with all rows. */
export function startOfPage(page: Page): WebviewStart {
  let left = ROWS;
  const tables = page.tables.map((table) => {
    const rows = Math.min(left, table.rows.length);
    left -= rows;
    return tableMarkup(table, ...bodiesMarkup(table, rows));
  });
  return {
    // The widths of its columns; words of ours and numbers. A style attribute would be refused by the page's policy.
    style: page.tables.map((table) => `#${table.id} table { --columns: ${columnWidths(table)}; }`).join('\n'),
    body: pageMarkup(page, tables).map(toHtml).join(''),
  };
}
