import { argumentOf, parametersOf } from '../../../kmod/source/moduleSource';
import { formatPermissions, octal, permissionsOf, refusalOf } from '../../../kmod/source/permissions';
import type { SourceScan } from '../../../kmod/source/scan';
import { MEANT_TYPES, PARAMETER_TYPES } from '../../../kmod/source/vocabulary';
import { memoized } from '../analysis/memo';
import { nearest, suggester } from '../analysis/nearest';
import { codeCalls, madeByMacros, sourceFinding, type SourceCheck, type SourceUnit } from './finding';
import type { SourceFile } from './sources';

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const TYPES = PARAMETER_TYPES.map(({ name }) => name);

export const descriptionsWithoutParameter: SourceCheck = function* (unit) {
  const files = allFiles(unit);
  if (files === undefined) return;
  const parameters = files.flatMap(({ scan }) => parametersOf(scan));
  const names = new Set(parameters.map(({ name }) => name.text));
  const owners = new Map(
    parameters.toReversed().map(({ name, call }) => [call.arguments[1]?.text, name.text]),
  );
  const isMadeByMacro = madeByMacros(files, /^module_param/);
  const suggest = suggester(names);
  for (const call of codeCalls(unit.scan)) {
    const described = argumentOf(call, 'described-parameter');
    if (described === undefined || !IDENTIFIER.test(described.text) || names.has(described.text)) continue;
    if (isMadeByMacro(described.text)) continue;
    // The classic mistake: the name of the variable.
    const meant = owners.get(described.text) ?? suggest(described.text);
    const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
    yield sourceFinding('description-without-parameter', described.span, described.text, hint);
  }
};

export const parametersWithoutDescription: SourceCheck = function* (unit) {
  const files = allFiles(unit);
  if (files === undefined) return;
  const described = new Set(
    files.flatMap(({ scan }) => scan.calls.map((call) => argumentOf(call, 'described-parameter')?.text)),
  );
  const isMadeByMacro = madeByMacros(files, /^MODULE_PARM_DESC$/);
  for (const { name, call } of parametersOf(unit.scan)) {
    if (call.place !== 'code' || !IDENTIFIER.test(name.text) || described.has(name.text)) continue;
    if (isMadeByMacro(name.text)) continue;
    yield sourceFinding('parameter-without-description', name.span, name.text);
  }
};

export const parameterTypes: SourceCheck = function* (unit) {
  const files = allFiles(unit);
  if (files === undefined) return;
  for (const call of codeCalls(unit.scan)) {
    const type = argumentOf(call, 'type');
    if (type === undefined || type.text === '' || TYPES.includes(type.text)) continue;
    const spelled = type.text.replace(/\s+/g, ' ');
    if (!/^[A-Za-z_][\w *]*$/.test(spelled) || isTypeOfModule(files, spelled)) continue;
    const meant = MEANT_TYPES.get(spelled) ?? nearest(spelled, TYPES);
    const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
    yield sourceFinding('unknown-parameter-type', type.span, spelled, hint);
  }
};

export const permissions: SourceCheck = function* ({ scan }) {
  for (const call of codeCalls(scan)) {
    const argument = argumentOf(call, 'permissions');
    const value = argument && permissionsOf(argument.text);
    if (argument === undefined || value === undefined) continue;
    const refusal = refusalOf(value);
    const decimal = /^[1-9]\d*$/.test(argument.text);
    if (refusal !== undefined) {
      const hint = decimal ? `; ${argument.text} is decimal, octal numbers have a 0 in front` : '';
      yield sourceFinding('refused-permissions', argument.span, argument.text, refusal + hint);
    } else if (decimal) {
      const meaning = `${octal(value)} (${formatPermissions(value)})`;
      yield sourceFinding('decimal-permissions', argument.span, argument.text, meaning);
    }
  }
};

/** The files of all modules that a file is in; undefined where they are not known to be all. */
function allFiles({ modules }: SourceUnit): readonly SourceFile[] | undefined {
  return modules.length > 0 && modules.every(({ complete }) => complete)
    ? modules.flatMap(({ files }) => files)
    : undefined;
}

/** A module may have types of its own, or write a known one by a name of its own. */
function isTypeOfModule(files: readonly SourceFile[], type: string): boolean {
  return IDENTIFIER.test(type) && files.some(({ scan }) => typesOf(scan).has(type));
}

/** Each name that a file defines, or makes a type of parameters. */
const typesOf = memoized(({ text }: SourceScan): ReadonlySet<string | undefined> => {
  const made = text.matchAll(/\bparam_(?:ops|check)_(\w+)/g);
  const defined = text.matchAll(/#\s*define\s+(\w+)/g);
  return new Set([...made, ...defined].map(([, name]) => name));
});
