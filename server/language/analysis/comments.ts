import { directivesOf } from '../../../kmod/config/directives';
import { listWords } from '../../../kmod/config/dependencies';
import type { ParameterWord } from '../../../kmod/config/parameters';
import {
  wordSpan,
  type Argument,
  type ConfigSyntax,
  type Statement,
  type Word,
} from '../../../kmod/config/syntax';
import { finding, ofKept, type Finding } from './finding';
import { choice, deleteFrom, replaceLine, safe, type Fix } from './fix';
import { optionWords } from './lists';
import { memoized } from './memo';

/** Text behind the words of a line: a comment that is none, or words that kmod drops. */
export const excessText = ofKept(function* (statement, { syntax }) {
  const comment = commentIn(statement);
  const excess = excessIn(statement);
  if (comment !== undefined) yield explainComment(statement, comment, syntax);
  else if (excess !== undefined) yield explainExcess(statement, excess);
});

/** The parameters of an options line, without those that a comment's words make. */
export const parametersOf = memoized((options: Argument): readonly ParameterWord[] => {
  const words = optionWords(options);
  const comment = words.findIndex(isComment);
  return comment < 0 ? words : words.slice(0, comment);
});

/** What looks like a comment, from its # to the end of the line. The shell knows comments itself. */
export const commentIn = memoized((statement: Statement): Word | undefined => {
  if (!statement.line.text.includes('#')) return undefined;
  const start = excessIn(statement) ?? statement.arguments.flatMap(wordsOf).find(isComment);
  return start !== undefined && isComment(start)
    ? { text: statement.line.text.slice(start.index), index: start.index }
    : undefined;
});

function wordsOf(argument: Argument): readonly Word[] {
  switch (argument.shape.kind) {
    case 'parameters':
      return optionWords(argument);
    case 'soft-dependencies':
    case 'module-list':
      return listWords(argument);
    default:
      return argument.shape.takes === 'words' ? [argument] : [];
  }
}

function isComment({ text }: Word): boolean {
  return text.startsWith('#');
}

/** What follows the last word that the command takes. */
function excessIn({ line, directive, arguments: found }: Statement): Word | undefined {
  const last = found.at(-1);
  if (last === undefined || directive?.arguments.at(-1)?.takes !== 'word') return undefined;
  const end = last.index + last.text.length;
  const text = line.text.slice(end);
  return text.trim() === '' ? undefined : { text: text.trim(), index: end + text.search(/\S/) };
}

function explainComment(statement: Statement, comment: Word, { language }: ConfigSyntax): Finding {
  const { line, command } = statement;
  const kind = statement.arguments.at(-1)?.shape.kind;
  const dropped = excessIn(statement) !== undefined;
  const effect = dropped
    ? 'only by luck kmod drops these words'
    : kind === 'parameters'
      ? 'its words are passed to the module as parameters'
      : language === 'depmod'
        ? `its words are taken for more arguments of '${command.text}'`
        : 'its words are taken for modules';
  const found = finding('trailing-comment', wordSpan(line, comment), effect);
  return { ...found, ...(dropped ? { severity: 'warning' } : {}), fixes: moveAbove(statement, comment) };
}

/** A line with backslashes is left to whoever wrote it: a comment above would take them along. */
function moveAbove({ line }: Statement, comment: Word): Fix[] {
  if (line.backslashes.length > 0) return [];
  return [
    safe(
      'Move the comment to its own line above',
      { span: { start: line.start, end: line.start }, text: `${comment.text.trimEnd()}\n` },
      deleteFrom(line, comment.index),
    ),
  ];
}

function explainExcess({ line, command }: Statement, excess: Word): Finding {
  const fixes: Fix[] = [choice(`Delete '${excess.text}'`, deleteFrom(line, excess.index))];
  if (command.text === 'blacklist') {
    const names = line.text
      .trim()
      .split(/[ \t]+/)
      .slice(1);
    const lines = names.map((name) => `blacklist ${name}`).join('\n');
    fixes.unshift(choice('Write one blacklist line per word', replaceLine(line, lines)));
  }
  return { ...finding('extra-arguments', wordSpan(line, excess), command.text, excess.text), fixes };
}

/** The commands of modprobe.d and depmod.d, for a word that may be one. */
export function isCommand(word: string): boolean {
  return directivesOf('modprobe').has(word) || directivesOf('depmod').has(word);
}
