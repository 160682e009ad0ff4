import type { Span } from '../../../kmod/config/lines';
import type { ConfigNode, ConfigSyntax, Statement } from '../../../kmod/config/syntax';
import type { KmodVersion } from '../../../kmod/config/versions';
import type { Catalog, Peeks } from '../../catalog/catalog';
import type { Entries } from './entries';
import type { Fix } from './fix';
import { RULES, type Rule, type RuleCode, type Severity } from './rules';

/** Another file, or the kernel command line, which has no URI. */
export interface OtherFile {
  readonly path: string;
  readonly uri?: string;
}

/** A line that kmod keeps, of this file or of one that is read with it. */
export interface Entry {
  readonly statement: Statement;
  /** undefined: this one. */
  readonly file?: OtherFile;
}

/** A file of the same name: the one in the better directory is read in the place of the other. */
export interface Masking {
  /** What this file is: it is read in the place of the other one, or the other way round. */
  readonly kind: 'masked' | 'masks';
  readonly other: { readonly path: string; readonly uri: string };
}

/** What the checks look at. They peek into the catalog and never wait for it. */
export interface Unit {
  readonly syntax: ConfigSyntax;
  /** Of the file, with `/`: its name and directory decide who reads it. */
  readonly path: string;
  /** Whose rules count. */
  readonly kmod: KmodVersion;
  readonly catalog: Peeks & Pick<Catalog, 'origin'>;
  readonly entries: Entries;
  readonly masking?: Masking;
}

/** A line elsewhere that a finding speaks of. */
export interface Related {
  readonly entry: Entry;
  readonly message: string;
}

export interface Finding {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly fixes: readonly Fix[];
  /** Fixes that need the names of all modules, which a check does not wait for. */
  readonly fixesFrom?: (moduleNames: readonly string[]) => readonly Fix[];
  readonly related?: Related;
}

/**
 * Looks at one line. It may ask the entries and the catalog about names, and nothing else about other lines: it is
 * run again when the line or an answer changed.
 */
export type LineCheck = (node: ConfigNode, unit: Unit) => Iterable<Finding>;

/** Looks at a file as a whole, after each change. */
export type FileCheck = (unit: Unit) => Iterable<Finding>;

/** A finding of a rule, its message made of the facts that the rule asks for. */
export function finding<Code extends RuleCode>(
  code: Code,
  span: Span,
  ...facts: Parameters<(typeof RULES)[Code]['message']>
): Finding {
  const { severity, message }: Rule = RULES[code];
  return { code, severity, message: message(...facts), span, fixes: [] };
}

const NOTHING: readonly Finding[] = [];

/** A check of the lines that kmod keeps. */
export function ofKept(look: (statement: Statement, unit: Unit) => Iterable<Finding>): LineCheck {
  return (node, unit) => (isKept(node) ? look(node, unit) : NOTHING);
}

/** Is it a line that kmod keeps? */
export function isKept(node: ConfigNode): node is Statement {
  return node.kind === 'statement' && node.problem === undefined;
}

/** Where an entry stands, as a message says it: `line 3`, or `/etc/modprobe.d/a.conf:3`. */
export function placeOf({ file, statement }: Entry): string {
  const line = statement.line.firstLine + 1;
  if (file === undefined) return `line ${line}`;
  return file.uri === undefined ? file.path : `${file.path}:${line}`;
}
