import type { ParameterWord } from '../../../kmod/config/parameters';
import { wordSpan, type Argument, type Statement, type Word } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { checkParameterValue } from '../../../kmod/parameters';
import type { ModuleParameter } from '../../../kmod/modinfo';
import { parametersOf } from './comments';
import { finding, ofKept, placeOf, type Entry, type Finding, type LineCheck, type Unit } from './finding';
import { memoized } from './memo';
import { parametersByName } from './modules';
import { choice, deleteLine, deleteWord, replaceSpan, replaceWord, type Fix } from './fix';

/** Values that the kernel refuses, by the types that modinfo tells. */
export const badParameterValues = ofOptions(function* ({ line, module, parameters }, { catalog }) {
  const info = catalog.peekInfo(module.value);
  if (info === undefined) return;
  const known = parametersByName(info);
  for (const [at, word] of parameters.entries()) {
    const parameter = known.get(normalizeModuleName(word.name.text));
    // What blanks around a `=` make of it, parameter-syntax tells.
    if (parameter === undefined || blanksAround(parameters, at, known) !== undefined) continue;
    const why = checkParameterValue(parameter, word.value?.text);
    if (why === undefined) continue;
    yield {
      ...finding('bad-parameter-value', wordSpan(line, word.value ?? word), info.name, parameter.name, why),
      fixes: validValues(parameter, word.value?.text).map((value) =>
        choice(`Change to '${value}'`, replaceWord(line, word, `${word.name.text}=${value}`)),
      ),
    };
  }
});

/** Values of the type that may have been meant. */
function validValues({ type = '' }: ModuleParameter, value: string | undefined): string[] {
  if (['bool', 'invbool', 'bint'].includes(type)) return ['1', '0'];
  const number = /^['"]?([+-]?\d+)/.exec(value ?? '1')?.[1];
  const isTaken = number !== undefined && checkParameterValue({ type }, number) === undefined;
  return isTaken && type !== 'charp' && type !== 'string' ? [number] : [];
}

/** Text that the kernel splits otherwise than it looks. */
export const parameterSyntax = ofOptions(function* ({ line, module, options, parameters }, unit) {
  const info = unit.catalog.peekInfo(module.value);
  const known = info && parametersByName(info);
  for (const [at, word] of parameters.entries()) {
    const joined = blanksAround(parameters, at, known);
    if (joined !== undefined) yield explainBlanks(line, joined);
    const { value } = word;
    if (value?.text.startsWith("'") === true) yield explainApostrophe(unit, { line, options, word, value });
  }
  const open = unclosedQuote(options, parameters);
  if (open !== undefined) yield explainUnclosed(line, open);
});

/** A `=` that blanks part from its name or value: the words that should be one. */
function blanksAround(
  parameters: readonly ParameterWord[],
  at: number,
  known: ReadonlyMap<string, unknown> | undefined,
): ParameterWord[] | undefined {
  const [word, next, third] = parameters.slice(at, at + 3);
  if (word === undefined || next === undefined) return undefined;
  if (word.value === undefined && next.text.startsWith('=')) {
    return next.text === '=' && third !== undefined && third.value === undefined
      ? [word, next, third]
      : [word, next];
  }
  // `path= debug` may give an empty path and set debug.
  const mayStandAlone =
    known === undefined ? /^[A-Za-z_]/.test(next.text) : known.has(normalizeModuleName(next.text));
  return word.text === `${word.name.text}=` &&
    word.name.text !== '' &&
    next.value === undefined &&
    !mayStandAlone
    ? [word, next]
    : undefined;
}

function explainBlanks(line: Statement['line'], words: readonly ParameterWord[]): Finding {
  const span = {
    start: wordSpan(line, words[0] as Word).start,
    end: wordSpan(line, words.at(-1) as Word).end,
  };
  const joined = words.map(({ text }) => text).join('');
  return {
    ...finding(
      'parameter-syntax',
      span,
      `blanks around = make ${words.length} parameters of this: write '${joined}'`,
    ),
    fixes: [choice(`Change to '${joined}'`, replaceSpan(span, joined))],
  };
}

interface Quoted {
  readonly line: Statement['line'];
  readonly options: Argument;
  readonly word: ParameterWord;
  readonly value: Word;
}

function explainApostrophe({ syntax }: Unit, { line, options, word, value }: Quoted): Finding {
  const found = finding(
    'parameter-syntax',
    wordSpan(line, value),
    '\' is no quote for the kernel, and becomes part of the value: write "…"',
  );
  const start = value.index - options.index;
  const end = options.text.indexOf("'", start + 1);
  if (end < 0) return found;
  const text = options.text.slice(start + 1, end);
  if (text.includes('"') || text.includes('#')) return found;
  const from = wordSpan(line, value).start;
  const to = wordSpan(line, { text: "'", index: options.index + end }).end;
  if (syntax.source.slice(from, to).includes('\\')) return found;
  const quoted = /\s/.test(text) ? `"${text}"` : text;
  return {
    ...found,
    fixes: [choice(`Change to '${word.name.text}=${quoted}'`, replaceSpan({ start: from, end: to }, quoted))],
  };
}

/** The word whose double quote nothing closes: it goes to the end of the line. */
function unclosedQuote(options: Argument, parameters: readonly ParameterWord[]): ParameterWord | undefined {
  const last = parameters.at(-1);
  if (last === undefined) return undefined;
  const quotes = options.text.slice(last.index - options.index).split('"').length - 1;
  return quotes % 2 === 1 && last.text.includes('"') ? last : undefined;
}

function explainUnclosed(line: Statement['line'], word: ParameterWord): Finding {
  const { end } = wordSpan(line, word);
  return {
    ...finding(
      'parameter-syntax',
      wordSpan(line, word),
      'this quote is not closed: it goes to the end of the line',
    ),
    fixes: [choice('Close the quote', { span: { start: end, end }, text: '"' })],
  };
}

interface OptionLine {
  readonly line: Statement['line'];
  readonly module: Argument;
  readonly options: Argument;
  readonly parameters: readonly ParameterWord[];
}

function ofOptions(look: (line: OptionLine, unit: Unit) => Iterable<Finding>): LineCheck {
  return ofKept(({ line, arguments: [module, options] }, unit) =>
    module !== undefined && options?.shape.kind === 'parameters'
      ? look({ line, module, options, parameters: parametersOf(options) }, unit)
      : [],
  );
}

/** These add to what was said before. */
const CUMULATIVE = new Set(['dyndbg']);

interface Setting {
  readonly entry: Entry;
  readonly word: ParameterWord;
}

/** Parameters that a later line sets again: all lines are put together, and the last word counts. */
export const overriddenParameters = ofKept(function* (statement, { entries, syntax }) {
  const [module, options] = statement.arguments;
  if (statement.command.text !== 'options' || module === undefined || options === undefined) return;
  const last = lastSettings(entries.about('options', module.value));
  for (const word of parametersOf(options)) {
    const name = normalizeModuleName(word.name.text);
    const later = last.get(name);
    if (later === undefined || later.word === word || name === '' || CUMULATIVE.has(name)) continue;
    yield {
      ...finding(
        'parameter-overridden',
        wordSpan(statement.line, word),
        word.name.text,
        placeOf(later.entry),
      ),
      fixes: [withoutParameter(statement, word, syntax.source)],
      related: { entry: later.entry, message: `'${later.word.text}' is the one that counts` },
    };
  }
});

/** Of the lines for one module: by parameter, the word that counts. */
const lastSettings = memoized((entries: readonly Entry[]): ReadonlyMap<string, Setting> => {
  return new Map(
    entries.flatMap((entry) => {
      const options = entry.statement.arguments[1];
      const words = options === undefined ? [] : parametersOf(options);
      return words.map((word): [string, Setting] => [normalizeModuleName(word.name.text), { entry, word }]);
    }),
  );
});

function withoutParameter(statement: Statement, word: ParameterWord, source: string): Fix {
  const options = statement.arguments[1];
  const isAlone = options === undefined || options.text.trim() === word.text;
  return isAlone
    ? choice('Delete the line', deleteLine(statement.line, source))
    : choice(`Delete '${word.text}'`, deleteWord(statement.line, word));
}
