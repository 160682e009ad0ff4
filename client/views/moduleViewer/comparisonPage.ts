import {
  compareModules,
  isSame,
  type Change,
  type ComparedParameter,
  type ComparedSection,
} from '../../../kmod/compare';
import type { ElfSection } from '../../../kmod/elf';
import type { HashedModule } from '../../kernel/openModuleFile';
import { formatSize } from '../../kernel/formatSize';
import { formatCrc, formatPermission } from './moduleTables';
import type { Cell, Column, Page, Row, Table, Tone } from './page';
import { fileBytes, isData, sectionKindName, sizeBar } from './sections';

/** A build, and what people call its file. */
export interface Compared {
  readonly label: string;
  readonly opened: HashedModule;
}

/** The names stand in columns of one width, up to so many characters. */
const WIDEST_NAME = 36;

/** What two builds of a module differ in; what they share is left out. */
export function comparisonPage(before: Compared, after: Compared): Page {
  const [old, now] = [before.opened.contents, after.opened.contents];
  const comparison = compareModules(before.opened, after.opened);
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
    sectionTable(name, comparison.sections, sectionsByName(before, after)),
  ].filter(({ rows }) => rows.length > 0);
  const scale = Math.max(fileBytes(old), fileBytes(now));
  const growth = difference(after.opened.size - before.opened.size);
  return {
    title: now.info.name,
    subtitle: `${before.label} → ${after.label}`,
    description: isSame(comparison)
      ? 'No difference: every section has the same content.'
      : `What differs: ${tables.map(({ title, rows }) => `${title.toLowerCase()} (${rows.length})`).join(', ')}. ${codeText(
          comparison.sections.map(({ key }) => key),
          sectionsByName(before, after),
        )}`.trim(),
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

/** The sections of both, by name; what they are is what the newer build has them for. */
const sectionsByName = (...sides: readonly Compared[]): Map<string, ElfSection> =>
  new Map(sides.flatMap(({ opened }) => opened.contents.sections.map((section) => [section.name, section])));

/** What one asks first of two builds; relocations are what the code refers to. */
function codeText(changed: readonly string[], sections: ReadonlyMap<string, ElfSection>): string {
  const isCode = (name: string): boolean => sections.get(name)?.flags.includes('execinstr') === true;
  const code = changed.filter(isCode);
  if (code.length > 0) {
    return `The code differs (${code.join(', ')}).`;
  }
  if (![...sections.keys()].some(isCode)) {
    return '';
  }
  if (changed.some((name) => isCode(name.replace(/^\.rela?(?=\.)/, '')))) {
    return 'The code is the same byte by byte; what it refers to (its relocations) differs.';
  }
  const data = changed.filter((name) => {
    const section = sections.get(name);
    return section !== undefined && isData(section);
  });
  return data.length === 0
    ? 'The code is the same.'
    : `The code is the same; its data differs (${data.join(', ')}).`;
}

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

function sectionTable(
  name: Column,
  changes: readonly Change<ComparedSection>[],
  sections: ReadonlyMap<string, ElfSection>,
): Table {
  const size = (section: ComparedSection | undefined): string =>
    section === undefined ? '' : formatSize(section.size);
  const row = (change: Change<ComparedSection>): Row => {
    const section = sections.get(change.key);
    return {
      cells: [
        keyCell(change),
        section === undefined ? '' : sectionKindName(section),
        size(change.before),
        size(change.after),
        sectionDifference(change),
      ],
    };
  };
  const numeric = (title: string): Column => ({ title, width: 'fit', numeric: true, least: 10 });
  return {
    id: 'sections',
    title: 'Sections',
    hint: 'Compared by their bytes.',
    columns: [
      name,
      { title: 'What it is', width: 'fit' },
      numeric('Before'),
      numeric('After'),
      { title: 'Difference', width: 'fill' },
    ],
    rows: changes.map(row),
  };
}

function sectionDifference({ before, after }: Change<ComparedSection>): string {
  const bytes = (after?.size ?? 0) - (before?.size ?? 0);
  return bytes === 0 && before !== undefined && after !== undefined
    ? 'same size, other content'
    : difference(bytes);
}

const difference = (bytes: number): string =>
  bytes === 0 ? '±0' : `${bytes < 0 ? '−' : '+'}${formatSize(Math.abs(bytes))}`;

const crcText = (crc: number | undefined): string => (crc === undefined ? 'no CRC' : formatCrc(crc));

const parameterText = ({ type, permissions, description }: ComparedParameter): string =>
  [type ?? '', permissions === undefined ? '' : formatPermission(permissions), description ?? '']
    .filter((text) => text !== '')
    .join(' ');
