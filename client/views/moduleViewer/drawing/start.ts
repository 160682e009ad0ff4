import type { WebviewStart } from '../../webviewPage';
import type { Page } from '../page';
import { toHtml } from './markup';
import { pageMarkup } from './page';
import { bodiesMarkup, columnWidths, tableMarkup } from './table';

/** Rows of each table: more are not on a screen. */
const ROWS = 40;

/** A page as it is painted first: its script then draws the same with all rows. */
export const startOfPage = (page: Page): WebviewStart => ({
  // The widths of its columns; words of ours and numbers. A style attribute would be refused by the page's policy.
  style: page.tables.map((table) => `#${table.id} table { --columns: ${columnWidths(table)}; }`).join('\n'),
  body: pageMarkup(
    page,
    page.tables.map((table) => tableMarkup(table, ...bodiesMarkup(table, ROWS))),
  )
    .map(toHtml)
    .join(''),
});
