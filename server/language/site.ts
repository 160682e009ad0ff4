import { listWords } from '../../kmod/config/dependencies';
import { logicalIndex, type LogicalLine, type Span } from '../../kmod/config/lines';
import { parseParameters } from '../../kmod/config/parameters';
import {
  nodeAt,
  wordSpan,
  type Argument,
  type ConfigSyntax,
  type Statement,
  type Word,
} from '../../kmod/config/syntax';

interface Place {
  /** The word under the cursor in the source; empty at a place where one may begin. */
  readonly span: Span;
  /** Its text; '' where one may begin. */
  readonly text: string;
}

/** What stands, or may stand, at a place of a file. */
export type Site =
  | (Place & { readonly kind: 'command' })
  /** A module's name, where `keywords` may stand too. */
  | (Place & {
      readonly kind: 'module';
      readonly keywords: readonly string[];
      /** An alias that modules bring does as well. */
      readonly takesAlias: boolean;
    })
  /** The pattern of an alias line: the names, or the devices, that it is for. */
  | (Place & { readonly kind: 'alias' })
  /** Another word, that is one of `keywords` or free text. */
  | (Place & { readonly kind: 'word'; readonly keywords: readonly string[] })
  /** The key of a `key=value` for a module; the other keys of the line are set already. */
  | (Place & { readonly kind: 'parameter'; readonly module: string; readonly others: readonly string[] })
  /** The value of a `key=value`, or one of its elements between commas; without the quotes around it. */
  | (Place & { readonly kind: 'value'; readonly module: string; readonly parameter: string });

/** The site at a source offset; undefined: nothing that has a meaning of its own (a comment, a shell command, …). */
export function siteAt(syntax: ConfigSyntax, offset: number): Site | undefined {
  const node = nodeAt(syntax, offset);
  if (node === undefined || node.kind === 'blank') {
    const place = { span: { start: offset, end: offset }, text: '' };
    return syntax.language === 'modules-load'
      ? { ...place, kind: 'module', keywords: [], takesAlias: true }
      : { ...place, kind: 'command' };
  }
  switch (node.kind) {
    case 'comment':
      return undefined;
    case 'module':
      return { ...placeOf(node.line, node.name), kind: 'module', keywords: [], takesAlias: true };
    case 'statement':
      return siteInStatement(node, offset);
  }
}

function siteInStatement(statement: Statement, offset: number): Site | undefined {
  const { line, command, directive } = statement;
  const index = logicalIndex(line, offset);
  if (index <= command.index + command.text.length) {
    // In front of the command there is only blank space: a command may begin there as well.
    return { ...placeOf(line, index < command.index ? { text: '', index } : command), kind: 'command' };
  }
  const argument = statement.arguments.findLast((candidate) => candidate.index <= index);
  if (argument !== undefined && (index <= endOf(argument) || argument.shape.takes === 'rest')) {
    return siteInArgument(statement, argument, index);
  }
  // Behind a blank: the argument that comes next, or one more of a list.
  const next =
    argument?.shape.takes === 'words'
      ? argument.shape
      : directive?.arguments[argument === undefined ? 0 : directive.arguments.indexOf(argument.shape) + 1];
  return next && siteInArgument(statement, { text: '', index, value: '', shape: next }, index);
}

function siteInArgument(statement: Statement, argument: Argument, index: number): Site | undefined {
  const { line } = statement;
  const { kind, keywords = [] } = argument.shape;
  switch (kind) {
    case 'parameters':
      return siteInParameters(statement, argument, index);
    case 'soft-dependencies':
    case 'module-list':
      return {
        ...placeOf(line, wordAt(listWords(argument), index)),
        kind: 'module',
        keywords,
        takesAlias: true,
      };
    case 'module':
    case 'module-or-alias':
    case 'module-pattern':
      return { ...placeOf(line, argument), kind: 'module', keywords, takesAlias: kind === 'module-or-alias' };
    case 'alias-pattern':
      return { ...placeOf(line, argument), kind: 'alias' };
    case 'shell-command':
      return undefined;
    default:
      return { ...placeOf(line, argument), kind: 'word', keywords };
  }
}

function siteInParameters(statement: Statement, argument: Argument, index: number): Site | undefined {
  const module = statement.arguments[0]?.value;
  if (module === undefined) return undefined;
  const parameters = parseParameters(argument);
  const here = parameters.find((parameter) => parameter.index <= index && index <= endOf(parameter));
  const name = here?.name ?? { text: '', index };
  if (index > endOf(name)) {
    const value = here?.value ?? { text: '', index };
    return {
      ...placeOf(statement.line, elementAt(value, index)),
      kind: 'value',
      module,
      parameter: name.text,
    };
  }
  const others = parameters.filter((parameter) => parameter !== here).map((parameter) => parameter.name.text);
  return { ...placeOf(statement.line, name), kind: 'parameter', module, others };
}

/** The piece between two commas that holds an index. */
function elementAt({ text, index: start }: Word, index: number): Word {
  const at = Math.min(Math.max(index - start, 0), text.length);
  const from = text.lastIndexOf(',', at - 1) + 1;
  const comma = text.indexOf(',', at);
  return { text: text.slice(from, comma < 0 ? text.length : comma), index: start + from };
}

function wordAt(words: readonly Word[], index: number): Word {
  return words.find((word) => word.index <= index && index <= endOf(word)) ?? { text: '', index };
}

function placeOf(line: LogicalLine, word: Word): Place {
  return { span: wordSpan(line, word), text: word.text };
}

function endOf(word: Word): number {
  return word.index + word.text.length;
}
