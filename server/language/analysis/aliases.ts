import { isGlob } from '../../../kmod/config/glob';
import { wordSpan, type Argument, type Statement } from '../../../kmod/config/syntax';
import { isModuleName } from '../../../kmod/name';
import { subjectOf } from './entries';
import { finding, ofKept, placeOf, type Entry, type Finding, type Unit } from './finding';
import { choice, deleteLine, replaceLine, replaceWord, type Fix } from './fix';
import { NO_MODULE } from './modules';

/** Aliases that hide a module, or that lead to none. */
export const aliases = ofKept(function* (statement, unit) {
  const [name, target] = statement.arguments;
  if (statement.command.text !== 'alias' || name === undefined || target === undefined) return;
  if (name.value === target.value) return;
  if (!isGlob(name.text) && unit.catalog.peek(name.value) === 'module') {
    yield {
      ...finding('alias-shadows-module', wordSpan(statement.line, name), name.value, target.value),
      fixes: [choice('Delete the line', deleteLine(statement.line, unit.syntax.source))],
    };
  }
  yield* badTarget(statement, target, unit);
});

function* badTarget(statement: Statement, target: Argument, unit: Unit): Generator<Finding> {
  const findAlias = (name: string) => unit.entries.first('alias', name);
  const { line } = statement;
  const span = wordSpan(line, target);
  const presence = unit.catalog.peek(target.value);
  // An alias of this name hides a module, and has its own finding; the module is there all the same.
  if (presence === 'module') return;
  const next = findAlias(target.value);
  if (next !== undefined) {
    const final = followAliases(next, findAlias);
    const why = `is itself an alias (${placeOf(next)}), and kmod never follows a second one`;
    yield {
      ...finding('alias-chain', span, target.text, why),
      fixes: final === undefined ? [] : [choice(`Point to '${final}'`, replaceWord(line, target, final))],
      related: { entry: next, message: 'the alias' },
    };
  } else if (NO_MODULE.has(target.value) && isModuleName(subjectOf({ statement }))) {
    const found = finding('alias-chain', span, target.text, 'means no module only by an old habit');
    yield { ...found, severity: 'warning', fixes: asBlacklist(statement) };
  } else if (presence === 'alias') {
    yield finding(
      'alias-chain',
      span,
      target.text,
      "is an alias of a kernel's module, and kmod never follows a second one",
    );
  }
}

/** Nobody writes longer chains of aliases. */
const MAX_ALIASES = 16;

/** The module at the end of a chain of aliases; undefined: there is a loop or no end, or no module is meant. */
function followAliases(first: Entry, findAlias: (name: string) => Entry | undefined): string | undefined {
  const seen = new Set<Entry>();
  for (
    let entry: Entry | undefined = first;
    entry !== undefined && !seen.has(entry) && seen.size < MAX_ALIASES;
  ) {
    seen.add(entry);
    const target = entry.statement.arguments[1]?.value ?? '';
    const next = findAlias(target);
    if (next === undefined) return NO_MODULE.has(target) ? undefined : target;
    entry = next;
  }
  return undefined;
}

function asBlacklist({ line, arguments: [name] }: Statement): Fix[] {
  if (name === undefined || !isModuleName(name.text)) return [];
  const lines = `blacklist ${name.text}\ninstall ${name.text} /bin/false`;
  return [choice('Replace by blacklist and install', replaceLine(line, lines))];
}

/** Names of aliases where the name of a module does more. */
export const aliasNames = ofKept(function* ({ command, line, arguments: [name] }, { catalog, entries }) {
  if (name === undefined || !['options', 'blacklist'].includes(command.text)) return;
  const presence = catalog.peek(name.value);
  const alias = entries.about('alias', name.value).at(-1);
  if (presence === 'module' || (presence !== 'alias' && alias === undefined)) return;
  const target = alias?.statement.arguments[1]?.value;
  const fixes =
    target === undefined || NO_MODULE.has(target)
      ? []
      : [choice(`Change to the module '${target}'`, replaceWord(line, name, target))];
  const code = command.text === 'options' ? 'options-alias-scope' : 'blacklist-alias';
  yield { ...finding(code, wordSpan(line, name), name.text), fixes };
});
