import { cellOf, type Column, type Row, type Table } from '../page';
import { cellNodes, toneClass } from './cells';
import { element } from './dom';

/** Rows of one body: the browser leaves out the layout of the bodies that are not on the screen. */
const BODY_ROWS = 100;

/** How wide a column of kind "fit" may become, in characters. */
const FIT = { least: 4, most: 42 };

interface DrawnRow {
  readonly row: HTMLElement;
  readonly haystack: string;
}

/** A table that is drawn piece by piece, and filtered. */
export class TableView {
  readonly element: HTMLElement;
  readonly #table: HTMLTableElement;
  readonly #count: HTMLElement;
  readonly #bodies: { readonly body: HTMLElement; readonly group?: string; readonly rows: DrawnRow[] }[] = [];
  readonly #headings = new Map<string, HTMLElement>();
  #drawn = 0;
  #filter = '';

  constructor(readonly data: Table) {
    const title = `title-${data.id}`;
    this.#count = element('span', { class: 'count' });
    this.#table = element(
      'table',
      { role: 'table', 'aria-labelledby': title, 'aria-rowcount': String(data.rows.length + 1) },
      element(
        'thead',
        { role: 'rowgroup' },
        element(
          'tr',
          { role: 'row' },
          ...data.columns.map((column) =>
            element('th', {
              scope: 'col',
              role: 'columnheader',
              class: columnClass(column),
              text: column.title,
            }),
          ),
        ),
      ),
    );
    this.#table.style.setProperty('--columns', columnWidths(data));
    this.element = element(
      'section',
      { id: data.id, class: 'table', 'aria-labelledby': title },
      element('h2', { id: title, tabindex: '-1' }, element('span', { text: data.title }), this.#count),
      ...(data.hint === undefined ? [] : [element('p', { class: 'hint', text: data.hint })]),
      this.#table,
    );
    this.#tellCount(data.rows.length);
  }

  get isComplete(): boolean {
    return this.#drawn === this.data.rows.length;
  }

  /** Draws about so many more rows. */
  draw(rows: number): void {
    const end = Math.min(this.data.rows.length, this.#drawn + rows);
    for (; this.#drawn < end; this.#drawn++) {
      const row = this.data.rows[this.#drawn];
      if (row !== undefined) {
        this.#append(row);
      }
    }
    this.#sizeBodies();
  }

  /** Shows only the rows that hold a text (lower case). @returns how many rows match */
  filter(text: string): number {
    this.#filter = text;
    const titleMatches = text !== '' && this.data.title.toLowerCase().includes(text);
    const matches = titleMatches
      ? this.data.rows.length
      : this.data.rows.filter((row) => text === '' || haystackOf(row).includes(text)).length;
    for (const { body, rows } of this.#bodies) {
      let visible = 0;
      for (const { row, haystack } of rows) {
        const shown = titleMatches || haystack.includes(text);
        row.hidden = !shown;
        visible += shown ? 1 : 0;
      }
      body.hidden = visible === 0;
    }
    for (const [group, heading] of this.#headings) {
      heading.hidden = !this.#bodies.some((one) => one.group === group && !one.body.hidden);
    }
    this.element.hidden = matches === 0;
    this.#tellCount(matches);
    this.#sizeBodies();
    return matches;
  }

  #tellCount(matches: number): void {
    const all = this.data.rows.length;
    this.#count.textContent = matches === all ? String(all) : `${matches} of ${all}`;
  }

  #append(row: Row): void {
    let last = this.#bodies.at(-1);
    if (last === undefined || last.rows.length >= BODY_ROWS || last.group !== row.group) {
      if (row.group !== undefined && last?.group !== row.group) {
        this.#appendHeading(row.group);
      }
      last = {
        body: element('tbody', { role: 'rowgroup' }),
        rows: [],
        ...(row.group === undefined ? {} : { group: row.group }),
      };
      this.#bodies.push(last);
      this.#table.append(last.body);
    }
    const drawn = drawRow(row, this.data.columns);
    const haystack = haystackOf(row);
    drawn.hidden = this.#filter !== '' && !haystack.includes(this.#filter);
    last.rows.push({ row: drawn, haystack });
    last.body.append(drawn);
  }

  #appendHeading(group: string): void {
    const rows = this.data.rows.filter((row) => row.group === group).length;
    const heading = element(
      'tbody',
      { role: 'rowgroup', class: 'group' },
      element(
        'tr',
        { role: 'row' },
        element(
          'th',
          { role: 'rowheader', scope: 'rowgroup', colspan: String(this.data.columns.length) },
          element('span', { text: group }),
          element('span', { class: 'count', text: String(rows) }),
        ),
      ),
    );
    this.#headings.set(group, heading);
    this.#table.append(heading);
  }

  /** What a body takes before it was laid out: a guess that keeps the scroll bar calm. */
  #sizeBodies(): void {
    for (const { body, rows } of this.#bodies) {
      const visible = rows.filter(({ row }) => !row.hidden).length;
      body.style.setProperty('--rows', String(visible));
    }
  }
}

function drawRow({ cells, tone }: Row, columns: readonly Column[]): HTMLElement {
  const row = element('tr', { role: 'row', class: toneClass(tone) });
  columns.forEach((column, index) => {
    const content = cells[index] ?? '';
    const classes = [columnClass(column), toneClass(cellOf(content).tone)].filter(Boolean).join(' ');
    const attributes = classes === '' ? {} : { class: classes };
    row.append(
      index === 0
        ? element('th', { scope: 'row', role: 'rowheader', ...attributes }, ...cellNodes(content))
        : element('td', { role: 'cell', ...attributes }, ...cellNodes(content)),
    );
  });
  return row;
}

const columnClass = ({ mono, numeric }: Column): string =>
  [mono === true ? 'mono' : '', numeric === true ? 'numeric' : ''].filter(Boolean).join(' ');

const haystacks = new WeakMap<Row, string>();

function haystackOf(row: Row): string {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = [row.group ?? '', ...row.cells.map((cell) => textOf(cell))].join('\n').toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}

function textOf(content: Row['cells'][number]): string {
  const { text, note } = cellOf(content);
  return note === undefined ? text : `${text} ${note}`;
}

/** Each row is a grid of its own, so the widths are computed from the texts. */
function columnWidths({ columns, rows }: Table): string {
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
const lengthOf = (content: Row['cells'][number]): number =>
  textOf(content).length + (cellOf(content).tone === undefined ? 0 : 2);
