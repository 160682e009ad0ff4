import { decodeAlias, OTHER_NAMES } from '../../../kmod/modalias/decode';
import { describeAlias, type HardwareNames } from '../../../kmod/modalias/hardwareIds';
import type { ModuleContents } from '../../../kmod/contents';
import { allValues, type ModuleInfo } from '../../../kmod/modinfo';
import type { SymbolOrigins } from '../../kernel/moduleSurroundings';
import { formatSize } from '../../kernel/formatSize';
import type { CellContent, Row, Table } from './page';
import { sectionKindName } from './sections';

/** The lists of a module's page. A module that has none of a kind has no such list. */
export function moduleTables(contents: ModuleContents): Table[] {
  return [
    parameterTable(contents),
    dependencyTable(contents.info),
    aliasTable(contents.info),
    importTable(contents),
    exportTable(contents),
    sectionTable(contents),
    modinfoTable(contents.info),
  ].filter(({ rows }) => rows.length > 0);
}

/** In modinfo's order, which is mostly the source's: the compiler writes them backwards. */
function parameterTable({ parameters }: ModuleContents): Table {
  return {
    id: 'parameters',
    title: 'Parameters',
    columns: [
      { title: 'Name', width: 'fit', mono: true },
      { title: 'Type', width: 'fit', mono: true },
      { title: 'Permission', width: 'fit', mono: true },
      { title: 'Description', width: 'fill' },
    ],
    rows: parameters.toReversed().map(({ name, type, permissions, description }) => ({
      cells: [name, type ?? '', permissionCell(permissions), description ?? ''],
    })),
  };
}

/** As module_param() has it: "0644". */
export const formatPermission = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`;

/** 0 keeps a parameter out of /sys/module (include/linux/moduleparam.h). */
function permissionCell(mode: number | undefined): CellContent {
  if (mode === undefined) {
    return '';
  }
  return mode === 0 ? { text: '0', note: 'not in /sys' } : formatPermission(mode);
}

function dependencyTable(info: ModuleInfo): Table {
  const hard = allValues(info, 'depends').flatMap((value) => value.split(',').filter((name) => name !== ''));
  const soft = allValues(info, 'softdep').flatMap(softdepsOf);
  const weak = allValues(info, 'weakdep').flatMap((value) =>
    value.split(/\s+/).filter((name) => name !== ''),
  );
  const row = (module: string, kind: string): Row => ({ cells: [{ text: module, link: { module } }, kind] });
  return {
    id: 'dependencies',
    title: 'Dependencies',
    columns: [
      { title: 'Module', width: 'fit', mono: true },
      { title: 'How', width: 'fill' },
    ],
    rows: [
      ...hard.map((name) => row(name, 'needed: its symbols are used')),
      ...soft.map(({ name, when }) =>
        row(name, when === 'pre' ? 'soft: loaded before, if it can be' : 'soft: loaded after, if it can be'),
      ),
      ...weak.map((name) => row(name, 'weak: may be wanted at run time')),
    ],
  };
}

/** `pre: a b post: c` */
function softdepsOf(text: string): { name: string; when: 'pre' | 'post' }[] {
  const found: { name: string; when: 'pre' | 'post' }[] = [];
  let when: 'pre' | 'post' | undefined;
  for (const word of text.split(/\s+/)) {
    if (word === 'pre:' || word === 'post:') {
      when = word === 'pre:' ? 'pre' : 'post';
    } else if (word !== '' && when !== undefined) {
      found.push({ name: word, when });
    }
  }
  return found;
}

/** Aliases below the bus they belong to, in the file's order otherwise. */
export function aliasTable(info: ModuleInfo, names: HardwareNames = {}): Table {
  const groups = new Map<string, Row[]>();
  for (const alias of allValues(info, 'alias')) {
    const decoded = decodeAlias(alias);
    const rows = groups.get(decoded.kind) ?? [];
    rows.push({ cells: [describeAlias(decoded, names) || 'by this name', alias], group: decoded.kind });
    groups.set(decoded.kind, rows);
  }
  const others = groups.get(OTHER_NAMES) ?? [];
  groups.delete(OTHER_NAMES);
  return {
    id: 'aliases',
    title: 'Aliases',
    columns: [
      { title: 'Device or name', width: 'fill' },
      { title: 'Alias', width: 'fill', mono: true },
    ],
    rows: [...[...groups.values()].flat(), ...others],
  };
}

export function importTable({ imports }: ModuleContents, found?: SymbolOrigins): Table {
  // A column of which nobody knows anything is none.
  const isAsked = found === undefined || found.sources.length > 0;
  return {
    id: 'imports',
    title: 'Imports',
    ...(found === undefined ? {} : { hint: sourcesHint(found) }),
    columns: [
      { title: 'Symbol', width: 'fit', mono: true },
      ...(isAsked ? [{ title: 'Exported by', width: 'fill' as const }] : []),
      { title: 'CRC', width: 'fit', mono: true },
    ],
    rows: imports.map((symbol) => ({
      cells: [
        symbol.weak ? { text: symbol.name, note: 'weak' } : symbol.name,
        ...(isAsked ? [originCell(symbol, found)] : []),
        symbol.crc === undefined ? '' : formatCrc(symbol.crc),
      ],
    })),
  };
}

const sourcesHint = ({ sources, rest }: SymbolOrigins): string =>
  sources.length === 0
    ? 'Symbols of other modules and of the kernel. Who exports them is unknown: this machine has no Module.symvers and no modules.symbols for this kernel.'
    : `Symbols of other modules and of the kernel, by ${sources.join(' and ')}.${
        rest === undefined ? '' : ` What no module exports is taken for the kernel's own.`
      }`;

function originCell(
  { name, crc, weak }: ModuleContents['imports'][number],
  found: SymbolOrigins | undefined,
): CellContent {
  if (found === undefined) {
    return '';
  }
  const origin = found.origins.get(name);
  if (origin === undefined && weak) {
    return { text: 'unknown', note: 'the module loads without it' };
  }
  if (origin === undefined && found.rest !== undefined) {
    return found.rest;
  }
  if (origin === undefined) {
    return { text: 'unknown', tone: 'warning' };
  }
  const differs = crc !== undefined && origin.crc !== undefined && origin.crc !== 0 && origin.crc !== crc;
  return {
    text: origin.exporter,
    ...(origin.exporter === 'vmlinux' ? {} : { link: { module: origin.exporter } }),
    ...(differs
      ? {
          tone: 'warning',
          note: `with another CRC, ${formatCrc(origin.crc)}: that kernel refuses this module`,
        }
      : {}),
  };
}

export const formatCrc = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`;

function exportTable({ exports }: ModuleContents): Table {
  return {
    id: 'exports',
    title: 'Exports',
    columns: [
      { title: 'Symbol', width: 'fit', mono: true },
      { title: 'For', width: 'fit' },
      { title: 'Namespace', width: 'fill', mono: true },
      { title: 'CRC', width: 'fit', mono: true },
    ],
    rows: exports.map(({ name, crc, gpl, namespace }) => ({
      cells: [
        name,
        gpl ? 'GPL modules' : 'all modules',
        namespace ?? '',
        crc === undefined ? '' : formatCrc(crc),
      ],
    })),
  };
}

function sectionTable({ sections }: ModuleContents): Table {
  return {
    id: 'sections',
    title: 'Sections',
    columns: [
      { title: 'Name', width: 'fit', mono: true },
      { title: 'Size', width: 'fit', numeric: true },
      { title: 'What it is', width: 'fill' },
    ],
    rows: sections
      .filter(({ name, size }) => name !== '' || size > 0)
      .map((section) => ({ cells: [section.name, formatSize(section.size), sectionKindName(section)] })),
  };
}

function modinfoTable({ entries }: ModuleInfo): Table {
  return {
    id: 'modinfo',
    title: 'Modinfo',
    hint: 'Every string of the .modinfo section, in the order of the file.',
    columns: [
      { title: 'Field', width: 'fit', mono: true },
      { title: 'Value', width: 'fill' },
    ],
    rows: entries.map(({ key, value }) => ({ cells: [key, value] })),
  };
}
