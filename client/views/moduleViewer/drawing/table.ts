import { cellOf, type CellContent, type Column, type Row, type Table } from '../page';
import { cellMarkup, classes, toneClass } from './cells';
import { element, type Markup } from './markup';

/** How wide a column of kind "fit" may become, in characters. */
const FIT = { least: 4, most: 42 };

/** A table without its rows, or with those bodies; its columns get their widths by `--columns`. */
export function tableMarkup({ id, title, hint, columns, rows }: Table, ...bodies: readonly Markup[]): Markup {
  const label = `title-${id}`;
  return element(
    'section',
    { id, class: 'table', 'aria-labelledby': label },
    element(
      'h2',
      { id: label, tabindex: '-1' },
      element('span', { text: title }),
      element('span', { class: 'count', text: String(rows.length) }),
    ),
    ...(hint === undefined ? [] : [element('p', { class: 'hint', text: hint })]),
    element(
      'table',
      { role: 'table', 'aria-labelledby': label, 'aria-rowcount': String(rows.length + 1) },
      element(
        'thead',
        { role: 'rowgroup' },
        element(
          'tr',
          { role: 'row' },
          ...columns.map((column) =>
            element('th', {
              scope: 'col',
              role: 'columnheader',
              class: columnClass(column),
              text: column.title,
            }),
          ),
        ),
      ),
      ...bodies,
    ),
  );
}

/** The first rows of a table below their headings. */
export function bodiesMarkup(table: Table, limit: number): Markup[] {
  const bodies: Markup[] = [];
  const shown = table.rows.slice(0, limit);
  for (let start = 0; start < shown.length;) {
    const group = shown[start]?.group;
    const next = shown.findIndex((row, index) => index > start && row.group !== group);
    const end = next < 0 ? shown.length : next;
    if (group !== undefined) {
      bodies.push(headingMarkup(table, group));
    }
    bodies.push(
      element(
        'tbody',
        { role: 'rowgroup' },
        ...shown.slice(start, end).map((row) => rowMarkup(row, table.columns)),
      ),
    );
    start = end;
  }
  return bodies;
}

export const headingMarkup = ({ rows, columns }: Table, group: string): Markup =>
  element(
    'tbody',
    { role: 'rowgroup', class: 'group' },
    element(
      'tr',
      { role: 'row' },
      element(
        'th',
        { role: 'rowheader', scope: 'rowgroup', colspan: String(columns.length) },
        element('span', { text: group }),
        element('span', { class: 'count', text: String(rows.filter((row) => row.group === group).length) }),
      ),
    ),
  );

export const rowMarkup = ({ cells, tone }: Row, columns: readonly Column[]): Markup =>
  element(
    'tr',
    { role: 'row', class: toneClass(tone) },
    ...columns.map((column, index) => {
      const content = cells[index] ?? '';
      const attributes = { class: classes(columnClass(column), toneClass(cellOf(content).tone)) };
      return index === 0
        ? element('th', { scope: 'row', role: 'rowheader', ...attributes }, ...cellMarkup(content))
        : element('td', { role: 'cell', ...attributes }, ...cellMarkup(content));
    }),
  );

const columnClass = ({ mono, numeric }: Column): string | undefined =>
  classes(mono === true ? 'mono' : undefined, numeric === true ? 'numeric' : undefined);

export function textOf(content: CellContent): string {
  const { text, note } = cellOf(content);
  return note === undefined ? text : `${text} ${note}`;
}

/** The value of `--columns`: each row is a grid of its own, so the widths are computed from the texts. */
export function columnWidths({ columns, rows }: Table): string {
  return columns
    .map(({ title, width, least = FIT.least }, index) => {
      if (width === 'fill') {
        return 'minmax(0, 1fr)';
      }
      const longest = rows.reduce(
        (most, { cells }) => Math.max(most, lengthOf(cells[index] ?? '')),
        title.length,
      );
      return `minmax(0, ${Math.min(FIT.most, Math.max(least, longest)) * 0.62 + 1.5}em)`;
    })
    .join(' ');
}

/** With its mark. */
const lengthOf = (content: CellContent): number =>
  textOf(content).length + (cellOf(content).tone === undefined ? 0 : 2);
