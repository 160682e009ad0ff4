import { plainLines } from '../../../kmod/plainText';
import type { CellContent, Page, Table } from './page';

/** No module has so many symbols; a file that was made to may. */
const MAX_ROWS = 20_000;

/** Characters of one text. */
const MAX_TEXT = 4096;

/** A page that a webview can draw, whatever the file holds. */
export const boundedPage = (page: Page): Page => ({
  ...page,
  title: cut(page.title),
  subtitle: cut(page.subtitle),
  description: cut(page.description),
  ...(page.place === undefined ? {} : { place: cut(page.place) }),
  badges: page.badges.map((badge) => ({ ...badge, text: cut(badge.text) })),
  facts: page.facts.map(({ title, facts }) => ({
    title,
    facts: facts.map((fact) => ({ ...fact, values: fact.values.slice(0, MAX_FACTS).map(boundedCell) })),
  })),
  tables: page.tables.map(boundedTable),
});

/** Values of one fact: mostly authors. */
const MAX_FACTS = 100;

export function boundedTable(table: Table): Table {
  const { rows, hint } = table;
  const more = rows.length - MAX_ROWS;
  return {
    ...table,
    ...(more > 0 ? { hint: `${hint ?? ''} The first ${MAX_ROWS}; ${more} more are not shown.`.trim() } : {}),
    rows: rows.slice(0, MAX_ROWS).map((row) => ({ ...row, cells: row.cells.map(boundedCell) })),
  };
}

function boundedCell(content: CellContent): CellContent {
  return typeof content === 'string' ? cut(content) : { ...content, text: cut(content.text) };
}

/** Lines stay lines. */
const cut = (text: string): string =>
  plainLines(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
