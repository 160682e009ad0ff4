import type { Page } from '../page';
import { toHtml } from './markup';
import { pageMarkup } from './page';
import { bodiesMarkup, columnWidths, tableMarkup } from './table';

/** Rows of each table: more are not on a screen. */
const ROWS = 40;

/** The HTML of a page as it is painted first: its script then draws the same with all rows. */
export const startOfPage = (page: Page): string =>
  pageMarkup(
    page,
    page.tables.map((table) => tableMarkup(table, ...bodiesMarkup(table, ROWS))),
  )
    .map(toHtml)
    .join('');

/** The widths of its columns; words of ours and numbers. A style attribute would be refused by the page's policy. */
export const widthsOfPage = (page: Page): string =>
  page.tables.map((table) => `#${table.id} table { --columns: ${columnWidths(table)}; }`).join('\n');
