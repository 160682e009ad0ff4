import { cellOf, type CellContent, type FactGroup, type Page, type Table } from './page';

/** A page as plain text: what is copied, and what two builds are compared by line. */
export function pageText(page: Page): string {
  return [
    [page.title, page.subtitle].filter((text) => text !== '').join(' '),
    ...(page.description === '' ? [] : [page.description]),
    ...(page.place === undefined ? [] : [page.place]),
    ...page.badges.map(textOf),
    ...page.facts.flatMap(factLines),
    ...page.sizes.flatMap(({ title, parts }) => [
      '',
      title,
      ...align(parts.filter(({ bytes }) => bytes > 0).map(({ label, text }) => [label, text])),
    ]),
    ...page.tables.flatMap(tableLines),
    '',
  ].join('\n');
}

function factLines({ title, facts }: FactGroup): string[] {
  const lines = facts.flatMap(({ label, values }) =>
    values.map((value, index) => [index === 0 ? label : '', textOf(value)]),
  );
  return ['', title, ...align(lines)];
}

function tableLines({ title, columns, rows }: Table): string[] {
  const lines = ['', `${title} (${rows.length})`];
  const cells = align([columns.map((column) => column.title), ...rows.map((row) => row.cells.map(textOf))]);
  let group: string | undefined;
  lines.push(cells[0] ?? '');
  rows.forEach((row, index) => {
    if (row.group !== undefined && row.group !== group) {
      group = row.group;
      lines.push(`  ${group}:`);
    }
    lines.push(cells[index + 1] ?? '');
  });
  return lines;
}

/** Tab-free columns; the last one is left ragged. */
function align(lines: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const line of lines) {
    line.forEach((text, index) => (widths[index] = Math.max(widths[index] ?? 0, text.length)));
  }
  return lines.map((line) =>
    `  ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** What it says is one line, whatever line feeds the file holds. */
function textOf(content: CellContent): string {
  const { text, note } = cellOf(content);
  return (note === undefined ? text : `${text} ${note}`).replace(/\s+/g, ' ').trim();
}
