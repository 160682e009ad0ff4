import { wordSpan, type Argument, type Statement } from '../../../kmod/config/syntax';
import { commentIn } from './comments';
import { finding, isKept, ofKept, type FileCheck, type Finding, type Unit } from './finding';
import { choice, replaceWord, type Fix } from './fix';

/** depmod.d lines that match nothing, or not what they seem to. */
export const depmodLines = ofKept(function* (statement, { syntax, catalog }) {
  if (syntax.language !== 'depmod') return;
  for (const argument of wordsBeforeComment(statement)) yield* explain(statement, argument, catalog);
});

function wordsBeforeComment(statement: Statement): readonly Argument[] {
  const end = commentIn(statement)?.index ?? Infinity;
  return statement.arguments.filter(({ index }) => index < end);
}

function* explain(
  { line, command }: Statement,
  argument: Argument,
  catalog: Unit['catalog'],
): Generator<Finding> {
  const { text, shape } = argument;
  const report = (why: string, meant?: string): Finding => {
    const fixes: Fix[] =
      meant === undefined ? [] : [choice(`Change to '${meant}'`, replaceWord(line, argument, meant))];
    return { ...finding('depmod-never-matches', wordSpan(line, argument), why), fixes };
  };
  if (shape.kind === 'module-file') {
    const name = text.slice(text.lastIndexOf('/') + 1).replace(/\.ko(\.(gz|xz|zst))?$/, '');
    if (name !== text && name !== '') {
      yield report(`'${text}' never matches: the name of a module's file, without directory and .ko`, name);
    } else if (/[*?[]/.test(text)) {
      yield report(`'${text}' never matches: names are compared as they stand, without patterns`);
    } else if (catalog.peek(text) === 'module') {
      const file = catalog.peekFileName(text) ?? text;
      if (file !== text)
        yield report(`'${text}' never matches: the file is ${file}.ko, and - is not _ here`, file);
    }
  } else if (command.text === 'exclude') {
    const name = text.split('/').findLast((part) => part !== '') ?? '';
    if (name !== text) {
      yield report(`'${text}' never matches: exclude takes the name of one directory, at any depth`, name);
    } else if (/[*?[]/.test(text)) {
      yield report(`'${text}' never matches: exclude takes no patterns`);
    }
  } else if (shape.kind === 'release-pattern') {
    const problem = releaseProblem(text);
    if (problem !== undefined) yield report(...problem);
  } else if (shape.kind === 'absolute-directory' && !text.startsWith('/')) {
    yield report(`'${text}' is no absolute path`, `/${text}`);
  }
}

/** Why a kernelversion is not what was meant, and what was. An invalid expression matches nothing, silently. */
function releaseProblem(text: string): [why: string, meant?: string] | undefined {
  if (text === '*') return undefined;
  const unquoted = text.replace(/\\./g, '');
  const depth = (open: string, close: string) => unquoted.split(open).length - unquoted.split(close).length;
  // Behind the last ], no bracket is closed.
  const end = unquoted.lastIndexOf(']') + 1;
  const withoutBrackets = unquoted.slice(0, end).replace(/\[\^?\]?[^\]]*\]?/g, '') + unquoted.slice(end);
  if (withoutBrackets.includes('[') || (withoutBrackets === unquoted && depth('(', ')') > 0)) {
    return [`'${text}' matches no kernel: it is no valid regular expression`];
  }
  if (/^\d+\.\d+$/.test(text)) {
    const [major = '', minor = ''] = text.split('.');
    return [
      `'${text}' is a regular expression for any part of the release: it matches ${text}.9, and ${text}2.0 too`,
      `^${major}[.]${minor}[.]`,
    ];
  }
  return undefined;
}

/** `updates` comes first only as long as there is no search line at all. */
export const searchWithoutUpdates: FileCheck = function* ({ syntax }) {
  if (syntax.language !== 'depmod') return;
  const searches = syntax.nodes.filter(isKept).filter(({ command }) => command.text === 'search');
  const [first] = searches;
  const names = searches.flatMap((statement) => wordsBeforeComment(statement).map(({ text }) => text));
  if (first === undefined || names.length === 0 || names.includes('updates')) return;
  const { command, line } = first;
  const { end } = wordSpan(line, command);
  const why = "with this search line 'updates' no longer comes first, as it does without one";
  yield {
    ...finding('depmod-never-matches', wordSpan(line, command), why),
    severity: 'information',
    fixes: [choice("Add 'updates' in front", { span: { start: end, end }, text: ' updates' })],
  };
};
