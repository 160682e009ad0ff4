import { directivesOf, type ArgumentShape, type Directive } from './directives';
import {
  indexOrEnd,
  PlainLine,
  readWrappedLine,
  specialOrEnd,
  type LineContent,
  type LineSource,
} from './lines';
import { ModulesLoadReader } from './modulesLoad';
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

/** What makes modprobe.d and depmod.d two languages of one reader. */
interface Dialect {
  readonly directives: ReadonlyMap<string, Directive>;
  /** The directives' names at the beginning of a line. */
  readonly commands: ReadonlyMap<string, Word>;
  /** Are names compared with `-` and `_` as one (and brackets checked)? */
  readonly foldsNames: boolean;
}

/** Reads a source line by line. No line depends on those before it. */
export interface NodeReader {
  /** Where the next line starts. */
  readonly start: number;
  /** Its number, from 0. */
  readonly lineNumber: number;
  /** undefined: there is no line left. */
  next(): ConfigNode | undefined;
}

/** So far a source is searched for backslashes and NULs at once: not line by line, nor to its end for each that has one. */
const LOOK_AHEAD = 4096;

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

/** Reads a text in a language from one of its lines on. */
export function readerOf(
  language: ConfigLanguage,
  source: string,
  kmod: KmodVersion,
  start = 0,
  lineNumber = 0,
): NodeReader {
  return language === 'modules-load'
    ? new ModulesLoadReader(source, start, lineNumber)
    : new DirectiveReader(source, kmod, DIALECTS[language], start, lineNumber);
}

/** Parses a file as kmod (modprobe.d, depmod.d) or systemd-modules-load does. Never throws. */
export function parseConfig(
  language: ConfigLanguage,
  source: string,
  kmod: KmodVersion = NEWEST_KMOD,
): ConfigSyntax {
  const reader = readerOf(language, source, kmod);
  const nodes: ConfigNode[] = [];
  for (let node = reader.next(); node !== undefined; node = reader.next()) nodes.push(node);
  return { language, source, nodes };
}

class DirectiveReader implements NodeReader {
  private readonly statements: LineSource<StatementContent>;
  private readonly others: LineSource<LineContent>;
  /** There is no backslash and no NUL from the next line up to here. */
  private plainUntil = 0;

  constructor(
    private readonly source: string,
    private readonly kmod: KmodVersion,
    private readonly dialect: Dialect,
    public start: number,
    public lineNumber: number,
  ) {
    this.statements = { source, read: (text) => parseStatement(text, dialect, kmod) };
    this.others = { source, read: (text) => ({ text }) };
  }

  next(): ConfigNode | undefined {
    const { source, start, lineNumber } = this;
    if (start >= source.length) return undefined;
    const end = indexOrEnd(source, '\n', start);
    if (this.plainUntil < end)
      this.plainUntil = specialOrEnd(source, start, Math.max(end, start + LOOK_AHEAD));
    if (this.plainUntil < end) return this.nextWrapped();
    this.start = end + 1;
    this.lineNumber = lineNumber + 1;
    switch (kindOf(source, start, end)) {
      case 'blank':
        return new PlainBlank(this.others, start, lineNumber);
      case 'comment':
        return new PlainComment(this.others, start, lineNumber);
      case 'statement':
        return new PlainStatement(this.statements, start, lineNumber);
    }
  }

  private nextWrapped(): ConfigNode | undefined {
    const line = readWrappedLine(this.source, this.start, this.lineNumber, this.kmod);
    if (line === undefined) return undefined;
    this.start = line.end + 1;
    this.lineNumber = line.lastLine + 1;
    const { text } = line;
    const kind = kindOf(text, 0, text.length);
    if (kind !== 'statement') return { kind, line };
    const { command, directive, arguments: found, problem } = parseStatement(text, this.dialect, this.kmod);
    return { kind, line, command, directive, arguments: found, problem };
  }
}

/** kmod_config_parse() and cfg_file_parse(): a comment has its # in column 1; only TAB and SPACE separate. */
function kindOf(text: string, start: number, end: number): 'blank' | 'comment' | 'statement' {
  if (text.charCodeAt(start) === HASH) return 'comment';
  let index = start;
  while (index < end && isSeparator(text, index)) index++;
  return index === end ? 'blank' : 'statement';
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

interface StatementContent
  extends LineContent, Pick<Statement, 'command' | 'directive' | 'arguments' | 'problem'> {}

/** Is taken apart when somebody asks: of a large file, few lines are looked at after most edits. */
class PlainStatement extends PlainLine<StatementContent> implements Statement {
  get kind(): 'statement' {
    return 'statement';
  }

  get command(): Word {
    return this.content.command;
  }

  get directive(): Directive | undefined {
    return this.content.directive;
  }

  get arguments(): readonly Argument[] {
    return this.content.arguments;
  }

  get problem(): Problem | undefined {
    return this.content.problem;
  }
}

function parseStatement(text: string, dialect: Dialect, kmod: KmodVersion): StatementContent {
  const first = wordFrom(text, 0) ?? { text: '', index: 0 };
  const directive = dialect.directives.get(first.text);
  // Of a large file, most lines begin with one of a few words: these are the same.
  const command = (first.index === 0 ? dialect.commands.get(first.text) : undefined) ?? first;
  const found = directive === undefined ? [] : parseArguments(text, command, directive, dialect);
  const problem = findProblem(directive, found, dialect, kmod);
  return { text, command, directive, arguments: found, problem };
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
