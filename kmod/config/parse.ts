import { directivesOf, type ArgumentShape, type Directive } from './directives';
import { readLogicalLines, type LogicalLine } from './lines';
import { parseModuleLines } from './modulesLoad';
import type { Argument, ConfigLanguage, ConfigNode, ConfigSyntax, Problem, Statement, Word } from './syntax';
import { NEWEST_KMOD, type KmodVersion } from './versions';

const SPACE = 0x20;
const TAB = 0x09;

/** What makes modprobe.d and depmod.d two languages of one reader. */
interface Dialect {
  readonly directives: ReadonlyMap<string, Directive>;
  /** Are names compared with `-` and `_` as one (and brackets checked)? */
  readonly foldsNames: boolean;
}

/** Parses a file as kmod (modprobe.d, depmod.d) or systemd-modules-load does. Never throws. */
export function parseConfig(
  language: ConfigLanguage,
  source: string,
  kmod: KmodVersion = NEWEST_KMOD,
): ConfigSyntax {
  if (language === 'modules-load') return { language, source, nodes: parseModuleLines(source) };
  // depmod compares names as they are written.
  const dialect: Dialect = { directives: directivesOf(language), foldsNames: language === 'modprobe' };
  const nodes = readLogicalLines(source, kmod).map((line) => parseLine(line, dialect, kmod));
  return { language, source, nodes };
}

/** kmod_config_parse() and cfg_file_parse(): a comment has its # in column 1; only TAB and SPACE separate. */
function parseLine(line: LogicalLine, dialect: Dialect, kmod: KmodVersion): ConfigNode {
  if (line.text.startsWith('#')) return { kind: 'comment', line };
  const command = wordFrom(line.text, 0);
  if (command === undefined) return { kind: 'blank', line };
  const directive = dialect.directives.get(command.text);
  const statement: Statement = {
    kind: 'statement',
    line,
    command,
    directive,
    arguments: directive === undefined ? [] : parseArguments(line.text, command, directive, dialect),
  };
  const problem = findProblem(statement, dialect, kmod);
  return problem === undefined ? statement : { ...statement, problem };
}

function parseArguments(line: string, command: Word, directive: Directive, dialect: Dialect): Argument[] {
  const found: Argument[] = [];
  // One separator ends a word; what follows it belongs to the rest of the line.
  let position = command.index + command.text.length + 1;
  for (const shape of directive.arguments) {
    let word = shape.takes === 'rest' ? restFrom(line, position) : wordFrom(line, position);
    while (word !== undefined) {
      const { text, index } = word;
      found.push({ text, index, shape, value: storedValue(text, shape, dialect) });
      position = index + text.length + 1;
      word = shape.takes === 'words' ? wordFrom(line, position) : undefined;
    }
  }
  return found;
}

function findProblem(statement: Statement, dialect: Dialect, kmod: KmodVersion): Problem | undefined {
  const { directive } = statement;
  if (directive === undefined) return { kind: 'unknown-command' };
  if (directive.since !== undefined && kmod < directive.since) {
    return { kind: 'version-required', since: directive.since };
  }
  if (directive.dropped === true) return { kind: 'deprecated-command' };
  // Arguments come in the order of their shapes: the first that is not there is the missing one.
  const missing = directive.arguments[statement.arguments.length];
  if (missing !== undefined && missing.takes !== 'words') return { kind: 'missing-argument', shape: missing };
  const unbalanced = statement.arguments.find(
    ({ shape, text }) => dialect.foldsNames && shape.takes === 'word' && foldName(text) === undefined,
  );
  return unbalanced === undefined ? undefined : { kind: 'unbalanced-bracket', word: unbalanced };
}

function storedValue(text: string, shape: ArgumentShape, dialect: Dialect): string {
  if (shape.kind === 'parameters') return text.includes('\t') ? text.replaceAll('\t', ' ') : text;
  return (shape.takes === 'word' && dialect.foldsNames ? foldName(text) : undefined) ?? text;
}

/**
 * Makes `-` in a name `_`, outside of brackets; undefined: a bracket has no partner.
 * underscores() in kmod's shared/util.c.
 */
export function foldName(name: string): string | undefined {
  if (!name.includes('[') && !name.includes(']'))
    return name.includes('-') ? name.replaceAll('-', '_') : name;
  const pieces = name.match(/\[[^\]]*\]|[^[\]]+/g) ?? [];
  if (pieces.join('') !== name) return undefined;
  return pieces.map((piece) => (piece.startsWith('[') ? piece : piece.replaceAll('-', '_'))).join('');
}

function wordFrom(text: string, from: number): Word | undefined {
  let index = from;
  while (isSeparator(text, index)) index++;
  let end = index;
  while (end < text.length && !isSeparator(text, end)) end++;
  return end === index ? undefined : { text: text.slice(index, end), index };
}

function restFrom(text: string, from: number): Word | undefined {
  return from < text.length ? { text: text.slice(from), index: from } : undefined;
}

function isSeparator(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === SPACE || code === TAB;
}
