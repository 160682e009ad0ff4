import { directivesOf, type ArgumentShape, type Directive } from './directives';
import { indexOrEnd, nextSpecial, PlainLine, readWrappedLine, type LogicalLine } from './lines';
import { readModuleLine } from './modulesLoad';
import type {
  Argument,
  Blank,
  Comment,
  ConfigLanguage,
  ConfigNode,
  ConfigSyntax,
  Problem,
  Statement,
  Word,
} from './syntax';
import { NEWEST_KMOD, type KmodVersion } from './versions';

const SPACE = 0x20;
const TAB = 0x09;
const HASH = 0x23;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What makes modprobe.d and depmod.d two languages of one reader. */
interface Dialect {
  readonly directives: ReadonlyMap<string, Directive>;
  /** The directives' names at the beginning of a line. */
  readonly commands: ReadonlyMap<string, Word>;
  /** Are names compared with `-` and `_` as one (and brackets checked)? */
  readonly foldsNames: boolean;
}

/**
 * Reads the line that starts at an offset of a source; undefined: there is none. No line depends on those before it.
 * @param special the first backslash or NUL from there on, where the caller knows it (nextSpecial)
 */
export type NodeReader = (
  source: string,
  start: number,
  firstLine: number,
  special?: number,
) => ConfigNode | undefined;

const DIALECTS = {
  modprobe: dialectOf('modprobe', true),
  // depmod compares names as they are written.
  depmod: dialectOf('depmod', false),
} satisfies Partial<Record<ConfigLanguage, Dialect>>;

function dialectOf(language: ConfigLanguage, foldsNames: boolean): Dialect {
  const directives = directivesOf(language);
  const commands = new Map(Array.from(directives.keys(), (text) => [text, { text, index: 0 }]));
  return { directives, commands, foldsNames };
}

/** How the text of a language becomes nodes. */
export function readerOf(language: ConfigLanguage, kmod: KmodVersion): NodeReader {
  if (language === 'modules-load') return readModuleLine;
  const dialect = DIALECTS[language];
  const takeApart: TakeApart = (text) => parseStatement(text, dialect, kmod);
  return (source, start, firstLine, special) => {
    if (start >= source.length) return undefined;
    const end = indexOrEnd(source, '\n', start);
    if ((special ?? nextSpecial(source.slice(start, end), 0) + start) >= end) {
      return readPlain(source, start, end, firstLine, takeApart);
    }
    const line = readWrappedLine(source, start, firstLine, kmod);
    return line && nodeOf(line, takeApart);
  };
}

/** Parses a file as kmod (modprobe.d, depmod.d) or systemd-modules-load does. Never throws. */
export function parseConfig(
  language: ConfigLanguage,
  source: string,
  kmod: KmodVersion = NEWEST_KMOD,
): ConfigSyntax {
  const read = readerOf(language, kmod);
  const nodes: ConfigNode[] = [];
  let special = nextSpecial(source, 0);
  let node = read(source, 0, 0, special);
  while (node !== undefined) {
    nodes.push(node);
    const { line } = node;
    const start = nextLineStart(source, line);
    if (special < start) special = nextSpecial(source, start);
    node = read(source, start, line.lastLine + 1, special);
  }
  return { language, source, nodes };
}

/** Where the line behind a line starts. */
export function nextLineStart(source: string, { end }: LogicalLine): number {
  return (
    end + (source.charCodeAt(end) === CARRIAGE_RETURN && source.charCodeAt(end + 1) === LINE_FEED ? 2 : 1)
  );
}

/** kmod_config_parse() and cfg_file_parse(): a comment has its # in column 1; only TAB and SPACE separate. */
function readPlain(
  source: string,
  start: number,
  end: number,
  firstLine: number,
  takeApart: TakeApart,
): ConfigNode {
  let index = start;
  while (index < end && isSeparator(source, index)) index++;
  if (index === end) return new PlainBlank(source, start, end, firstLine);
  if (source.charCodeAt(start) === HASH) return new PlainComment(source, start, end, firstLine);
  return new PlainStatement(source, start, end, firstLine, takeApart);
}

class PlainBlank extends PlainLine implements Blank {
  get kind(): 'blank' {
    return 'blank';
  }
}

class PlainComment extends PlainLine implements Comment {
  get kind(): 'comment' {
    return 'comment';
  }
}

type StatementParts = Pick<Statement, 'command' | 'directive' | 'arguments' | 'problem'>;
type TakeApart = (text: string) => StatementParts;

/** Takes its line apart when somebody asks: of a large file, few lines are looked at after most edits. */
class PlainStatement extends PlainLine implements Statement {
  private parts: StatementParts | undefined;

  constructor(
    source: string,
    start: number,
    end: number,
    firstLine: number,
    private readonly parse: TakeApart,
  ) {
    super(source, start, end, firstLine);
  }

  get kind(): 'statement' {
    return 'statement';
  }

  get command(): Word {
    return this.takeApart().command;
  }

  get directive(): Directive | undefined {
    return this.takeApart().directive;
  }

  get arguments(): readonly Argument[] {
    return this.takeApart().arguments;
  }

  get problem(): Problem | undefined {
    return this.takeApart().problem;
  }

  private takeApart(): StatementParts {
    return (this.parts ??= this.parse(this.text));
  }
}

function nodeOf(line: LogicalLine, takeApart: TakeApart): ConfigNode {
  const { text } = line;
  if (wordFrom(text, 0) === undefined) return { kind: 'blank', line };
  return text.charCodeAt(0) === HASH
    ? { kind: 'comment', line }
    : { kind: 'statement', line, ...takeApart(text) };
}

function parseStatement(text: string, dialect: Dialect, kmod: KmodVersion): StatementParts {
  const first = wordFrom(text, 0) ?? { text: '', index: 0 };
  const directive = dialect.directives.get(first.text);
  // Of a large file, most lines begin with one of a few words: these are the same.
  const command = (first.index === 0 ? dialect.commands.get(first.text) : undefined) ?? first;
  const found = directive === undefined ? [] : parseArguments(text, command, directive, dialect);
  const problem = findProblem(directive, found, dialect, kmod);
  return { command, directive, arguments: found, problem };
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
  // A list that was added to has room for more than it will ever hold.
  return found.slice();
}

function findProblem(
  directive: Directive | undefined,
  found: readonly Argument[],
  dialect: Dialect,
  kmod: KmodVersion,
): Problem | undefined {
  if (directive === undefined) return { kind: 'unknown-command' };
  if (directive.since !== undefined && kmod < directive.since) {
    return { kind: 'version-required', since: directive.since };
  }
  if (directive.dropped === true) return { kind: 'deprecated-command' };
  // Arguments come in the order of their shapes: the first that is not there is the missing one.
  const missing = directive.arguments[found.length];
  if (missing !== undefined && missing.takes !== 'words') return { kind: 'missing-argument', shape: missing };
  if (!dialect.foldsNames) return undefined;
  for (const word of found) {
    if (word.shape.takes === 'word' && foldName(word.text) === undefined) {
      return { kind: 'unbalanced-bracket', word };
    }
  }
  return undefined;
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
  let folded = '';
  for (let at = 0; ;) {
    const open = name.indexOf('[', at);
    const outside = name.slice(at, open < 0 ? name.length : open);
    if (outside.includes(']')) return undefined;
    folded += outside.replaceAll('-', '_');
    if (open < 0) return folded;
    const close = name.indexOf(']', open);
    if (close < 0) return undefined;
    at = close + 1;
    folded += name.slice(open, at);
  }
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
