import { compareModules, isSame, type Change, type ComparedParameter } from '../../../kmod/compare';
import type { OpenedModule } from '../../kernel/openModuleFile';
import { formatSize } from '../../kernel/formatSize';
import { formatCrc, formatPermission } from './moduleTables';
import type { Cell, Column, Page, Row, Table, Tone } from './page';
import { fileBytes, sizeBar } from './sections';

/** A build, and what people call its file. */
export interface Compared {
  readonly label: string;
  readonly opened: OpenedModule;
}

/** The names stand in columns of one width, up to so many characters. */
const WIDEST_NAME = 36;

/** What two builds of a module differ in; what they share is left out. */
export function comparisonPage(before: Compared, after: Compared): Page {
  const [old, now] = [before.opened.contents, after.opened.contents];
  const comparison = compareModules(old, now);
  const names = Object.values(comparison).flatMap((list: readonly Change<unknown>[]) =>
    list.map(({ key }) => key.length + 2),
  );
  const name: Column = {
    title: 'Name',
    width: 'fit',
    mono: true,
    least: Math.min(WIDEST_NAME, Math.max(0, ...names)),
  };
  const tables = [
    changeTable('fields', 'Fields', name, comparison.fields, (values) => values.join('\n')),
    changeTable('parameters', 'Parameters', name, comparison.parameters, parameterText),
    aliasTable(comparison.aliases),
    changeTable('imports', 'Imports', name, comparison.imports, ({ crc }) => crcText(crc)),
    changeTable('exports', 'Exports', name, comparison.exports, ({ crc, gpl, namespace }) =>
      [crcText(crc), gpl ? 'for GPL modules' : 'for all modules', namespace ?? ''].join(' ').trim(),
    ),
    sectionTable(name, comparison.sections),
  ].filter(({ rows }) => rows.length > 0);
  const scale = Math.max(fileBytes(old), fileBytes(now));
  const growth = difference(after.opened.size - before.opened.size);
  return {
    title: now.info.name,
    subtitle: `${before.label} → ${after.label}`,
    description: isSame(comparison) ? sameText(before, after) : differText(tables),
    badges: [],
    facts: [],
    sizes: [
      sizeBar(`Before: ${formatSize(before.opened.size)}`, old, scale),
      sizeBar(`After: ${formatSize(after.opened.size)} (${growth})`, now, scale),
    ],
    tables,
    actions: ['copy'],
  };
}

function sameText(before: Compared, after: Compared): string {
  const [old, now] = [before, after].map(({ opened }) => opened.contents.info.buildId);
  return old !== undefined && old === now
    ? 'No difference: by its build ID it is the same build.'
    : 'No difference in fields, parameters, aliases, symbols, CRCs and the sizes of sections. The code may still differ.';
}

const differText = (tables: readonly Table[]): string =>
  `What differs: ${tables.map(({ title, rows }) => `${title.toLowerCase()} (${rows.length})`).join(', ')}.`;

function keyCell({ key, before, after }: Change<unknown>): Cell {
  const tone: Tone = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return { text: key, tone };
}

function changeTable<Value>(
  id: string,
  title: string,
  name: Column,
  changes: readonly Change<Value>[],
  textOf: (value: Value) => string,
): Table {
  const side = (value: Value | undefined): string => (value === undefined ? '' : textOf(value));
  return {
    id,
    title,
    columns: [name, { title: 'Before', width: 'fill' }, { title: 'After', width: 'fill' }],
    rows: changes.map((change) => ({ cells: [keyCell(change), side(change.before), side(change.after)] })),
  };
}

const aliasTable = (changes: readonly Change<string>[]): Table => ({
  id: 'aliases',
  title: 'Aliases',
  columns: [{ title: 'Name', width: 'fill', mono: true }],
  rows: changes.map((change) => ({ cells: [keyCell(change)] })),
});

function sectionTable(name: Column, changes: readonly Change<number>[]): Table {
  const size = (bytes: number | undefined): string => (bytes === undefined ? '' : formatSize(bytes));
  const row = (change: Change<number>): Row => ({
    cells: [
      keyCell(change),
      size(change.before),
      size(change.after),
      difference((change.after ?? 0) - (change.before ?? 0)),
    ],
  });
  const numeric = (title: string): Column => ({ title, width: 'fit', numeric: true, least: 10 });
  return {
    id: 'sections',
    title: 'Section sizes',
    columns: [name, numeric('Before'), numeric('After'), numeric('Difference')],
    rows: changes.map(row),
  };
}

const difference = (bytes: number): string =>
  bytes === 0 ? '±0' : `${bytes < 0 ? '−' : '+'}${formatSize(Math.abs(bytes))}`;

const crcText = (crc: number | undefined): string => (crc === undefined ? 'no CRC' : formatCrc(crc));

const parameterText = ({ type, permissions, description }: ComparedParameter): string =>
  [type ?? '', permissions === undefined ? '' : formatPermission(permissions), description ?? '']
    .filter((text) => text !== '')
    .join(' ');
