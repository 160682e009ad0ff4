import { columnWidths, headingMarkup, rowMarkup, tableMarkup, textOf } from '../drawing/table';
import { element } from '../drawing/markup';
import type { Row, Table } from '../page';
import { find, toElement } from './dom';

/** Rows of one body: the browser leaves out the layout of the bodies that are not on the screen. */
const BODY_ROWS = 100;

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
    this.element = toElement(tableMarkup(data));
    this.#table = find(this.element, 'table');
    this.#count = find(this.element, 'h2 .count');
    this.#table.style.setProperty('--columns', columnWidths(data));
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
        body: toElement(element('tbody', { role: 'rowgroup' })),
        rows: [],
        ...(row.group === undefined ? {} : { group: row.group }),
      };
      this.#bodies.push(last);
      this.#table.append(last.body);
    }
    const drawn = toElement(rowMarkup(row, this.data.columns));
    const haystack = haystackOf(row);
    drawn.hidden = this.#filter !== '' && !haystack.includes(this.#filter);
    last.rows.push({ row: drawn, haystack });
    last.body.append(drawn);
  }

  #appendHeading(group: string): void {
    const heading = toElement(headingMarkup(this.data, group));
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

const haystacks = new WeakMap<Row, string>();

function haystackOf(row: Row): string {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = [row.group ?? '', ...row.cells.map((cell) => textOf(cell))].join('\n').toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}
