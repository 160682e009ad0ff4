import { listWords } from '../../../kmod/config/dependencies';
import { isGlob } from '../../../kmod/config/glob';
import { wordSpan, type ConfigNode, type Statement, type Word } from '../../../kmod/config/syntax';
import type { ModuleInfo, ModuleParameter } from '../../../kmod/modinfo';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import { commentIn, parametersOf } from './comments';
import { finding, ofKept, type LineCheck } from './finding';
import { choice, replaceLine, replaceWord, type Fix } from './fix';
import { memoized } from './memo';
import { nearest } from './nearest';
import { softdepWords } from './lists';

/** Parameters that the kernel takes for every module (unknown_module_param_cb() in kernel/module/main.c). */
const PARAMETERS_OF_ALL = new Set(['dyndbg', 'async_probe']);

/** Targets of an alias that mean no module at all, by an old habit. */
export const NO_MODULE: ReadonlySet<string> = new Set(['off', 'none', 'null']);

/** Names that neither the kernel's modules nor the files know. */
export const unknownModules: LineCheck = function* (node, { catalog, entries }) {
  const { origin } = catalog;
  if (origin === undefined) return;
  for (const word of moduleWords(node)) {
    if (!isModuleName(word.text) || catalog.peek(word.text) !== 'absent') continue;
    if (['alias', 'install'].some((command) => entries.first(command, word.text) !== undefined)) continue;
    yield {
      ...finding('unknown-module', wordSpan(node.line, word), word.text, origin.release, origin.label),
      fixesFrom: (modules) => {
        const meant = nearest(normalizeModuleName(word.text), modules);
        return meant === undefined
          ? []
          : [choice(`Change to '${meant}'`, replaceWord(node.line, word, meant))];
      },
    };
  }
};

/** Options that the module does not have. */
export const unknownParameters = ofKept(function* ({ line, arguments: [module, options] }, { catalog }) {
  const { origin } = catalog;
  if (origin === undefined || module === undefined || options?.shape.kind !== 'parameters') return;
  const info = catalog.peekInfo(module.value);
  if (info === undefined) return;
  const known = parametersByName(info);
  let before = '';
  for (const { name, text } of parametersOf(options)) {
    const folded = normalizeModuleName(name.text);
    // What blanks around a `=` make of it, parameter-syntax tells.
    const isTorn = before.endsWith('=') || text.startsWith('=');
    before = text;
    if (isTorn || known.has(folded) || PARAMETERS_OF_ALL.has(folded)) continue;
    // modinfo does not list what module_param_call() makes without a type, such as start_ro of md_mod.
    const all = catalog.peekParameters(info.name);
    if (all === undefined || (all !== 'untold' && all.has(folded))) continue;
    const { hint, meant } = meantParameter(folded, info.name, known);
    const claim =
      all === 'untold'
        ? `modinfo lists no parameter '${name.text}' of ${info.name}`
        : `${info.name} has no parameter '${name.text}'`;
    yield {
      ...finding('unknown-parameter', wordSpan(line, name), claim, hint, origin.release, origin.label),
      fixes: meant === undefined ? [] : [choice(`Change to '${meant}'`, replaceWord(line, name, meant))],
    };
  }
});

/** The parameters of a module, by their names with `_`. */
export const parametersByName = memoized((info: ModuleInfo): ReadonlyMap<string, ModuleParameter> => {
  return new Map(info.parameters.map((parameter) => [normalizeModuleName(parameter.name), parameter]));
});

function meantParameter(
  parameter: string,
  module: string,
  known: ReadonlyMap<string, unknown>,
): { readonly hint: string; readonly meant?: string } {
  const prefix = `${module}.`;
  if (parameter.startsWith(prefix) && known.has(parameter.slice(prefix.length))) {
    return { hint: ` (write it without '${prefix}')`, meant: parameter.slice(prefix.length) };
  }
  const meant = nearest(parameter, known.keys());
  return meant === undefined ? { hint: '' } : { hint: ` (did you mean '${meant}'?)`, meant };
}

/** Lines for a module that is part of the kernel's image, which modprobe never inserts. */
export const builtinModules = ofKept(function* (statement, { catalog }) {
  const { origin } = catalog;
  const { command, line } = statement;
  const [module] = statement.arguments;
  if (origin === undefined || module === undefined) return;
  if (!['options', 'blacklist', 'install'].includes(command.text)) return;
  const info = catalog.peekInfo(module.value);
  // Only a module file tells its machine.
  if (info === undefined || info.architecture !== undefined) return;
  const facts = [info.name, command.text, origin.release, origin.label] as const;
  yield {
    ...finding('builtin-no-effect', wordSpan(line, module), ...facts),
    fixes: asKernelCommandLine(statement),
  };
});

function asKernelCommandLine({ line, arguments: [module, options] }: Statement): Fix[] {
  if (module === undefined || options?.shape.kind !== 'parameters') return [];
  const words = parametersOf(options).map(({ text }) => `${module.value}.${text}`);
  const comment = `# kernel command line: ${words.join(' ')}`;
  return [choice('Replace by a comment with the kernel command line', replaceLine(line, comment))];
}

/** The words of a line that name a module which should be there. */
export const moduleWords = memoized((node: ConfigNode): readonly Word[] => {
  if (node.kind === 'module') return [node.name];
  if (node.kind !== 'statement' || node.problem !== undefined) return [];
  // An install or remove line may give a command to a name that has no module.
  const mayInvent = node.arguments.some((argument) => argument.shape.kind === 'shell-command');
  const end = commentIn(node)?.index ?? Infinity;
  return node.arguments
    .flatMap((argument): readonly Word[] => {
      switch (argument.shape.kind) {
        case 'module':
          return node.command.text === 'alias' && NO_MODULE.has(argument.text) ? [] : [argument];
        case 'module-or-alias':
          return [argument];
        case 'module-pattern':
          return mayInvent || isGlob(argument.text) ? [] : [argument];
        case 'soft-dependencies':
          return softdepWords(argument).filter(({ role }) => role === 'pre' || role === 'post');
        case 'module-list':
          return listWords(argument);
        default:
          return [];
      }
    })
    .filter(({ index }) => index < end);
});
