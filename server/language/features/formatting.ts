import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range, TextEdit } from 'vscode-languageserver-types';
import { listWords } from '../../../kmod/config/dependencies';
import {
  blanksAtEnd,
  hasBackslash,
  sourceOffset,
  type LogicalLine,
  type Span,
} from '../../../kmod/config/lines';
import type { Argument, ConfigNode, Statement, Word } from '../../../kmod/config/syntax';
import { rangeOf, type SyntaxCache } from '../documents';

/** A stretch of blanks in a line's logical text, and what it becomes. */
interface Gap {
  readonly start: number;
  readonly end: number;
  readonly becomes: '' | ' ';
}

interface Edit {
  readonly span: Span;
  readonly newText: string;
}

/**
 * Makes the blanks between words one space, and takes those around a line away. kmod reads the same as before,
 * byte for byte: the text of install, remove and options lines stays, and so does whatever kmod drops, with
 * what it says of it. Blanks next to a backslash stay too: some of them decide what the backslash does.
 */
export class Formatting {
  constructor(private readonly syntaxes: SyntaxCache) {}

  /** @param range of the lines to format; all of them when it is left out */
  of(document: TextDocument, range?: Range): TextEdit[] {
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return [];
    const first = range?.start.line ?? 0;
    const last = range?.end.line ?? Infinity;
    return syntax.nodes
      .filter(({ line }) => first <= line.lastLine && line.firstLine <= last)
      .flatMap((node) => editsOf(node, syntax.source))
      .map(({ span, newText }) => ({ range: rangeOf(document, span), newText }));
  }
}

function editsOf(node: ConfigNode, source: string): Edit[] {
  return gapsOf(node).flatMap((gap) => replaceGap(node.line, gap, source));
}

function gapsOf(node: ConfigNode): Gap[] {
  const { text } = node.line;
  switch (node.kind) {
    case 'blank':
      return [{ start: 0, end: text.length, becomes: '' }];
    case 'comment':
      return around(text, text.search(/[^ \t]/), 0);
    case 'module':
      return around(text, node.name.index, endOf(node.name));
    case 'statement':
      return node.problem === undefined ? gapsOfStatement(node) : [];
  }
}

function gapsOfStatement({ line, command, arguments: given }: Statement): Gap[] {
  const last = given.at(-1);
  const words = [command, ...given.flatMap(wordsOf)];
  const between = words.slice(1).map((word, index): Gap => {
    const before = words[index] as Word;
    // A list may begin right behind the separator that ends the word in front of it.
    return { start: endOf(before), end: word.index, becomes: ' ' };
  });
  // The rest of a line is kept with the blanks at its end, and nothing follows it.
  const end = last !== undefined && isKept(last) ? line.text.length : endOf(words.at(-1) as Word);
  const tabs = last?.shape.kind === 'parameters' ? tabsIn(last) : [];
  return [...between, ...tabs, ...around(line.text, command.index, end)];
}

/** The words of an argument whose blanks mean nothing; an argument that is kept is one word. */
function wordsOf(argument: Argument): readonly Word[] {
  if (isKept(argument)) return [argument];
  switch (argument.shape.kind) {
    case 'soft-dependencies':
    case 'module-list':
      return listWords(argument);
    default:
      return [argument];
  }
}

/** Taken as it stands. A list without a word is kept as well: without its blanks the line lacked an argument. */
function isKept(argument: Argument): boolean {
  switch (argument.shape.kind) {
    case 'soft-dependencies':
    case 'module-list':
      return listWords(argument).length === 0;
    default:
      return argument.shape.takes === 'rest';
  }
}

/** kmod_config_add_options() makes each TAB a space. */
function tabsIn({ text, index }: Argument): Gap[] {
  return [...text.matchAll(/\t/g)].map((match) => ({
    start: index + match.index,
    end: index + match.index + 1,
    becomes: ' ',
  }));
}

/** The blanks in front of what stands first in a line, and those at its end: behind `last`, at the earliest. */
function around(text: string, first: number, last: number): Gap[] {
  const end = Math.max(first, blanksAtEnd(text), last);
  return [
    { start: 0, end: first, becomes: '' },
    { start: end, end: text.length, becomes: '' },
  ];
}

function replaceGap(line: LogicalLine, { start, end, becomes }: Gap, source: string): Edit[] {
  if (hasBackslash(line, start, end)) return [];
  const from = sourceOffset(line, start);
  // A line may go on behind its text: kmod stops at a NUL.
  const span = { start: from, end: end === line.text.length ? line.end : from + end - start };
  const blanks = source.slice(span.start, span.end);
  return blanks !== becomes && /^[ \t]+$/.test(blanks) ? [{ span, newText: becomes }] : [];
}

function endOf(word: Word): number {
  return word.index + word.text.length;
}
