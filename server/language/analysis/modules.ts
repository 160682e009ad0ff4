import { listWords, parseSoftDependencies } from '../../../kmod/config/dependencies';
import { globMatcher, isGlob } from '../../../kmod/config/glob';
import { parseParameters } from '../../../kmod/config/parameters';
import { wordSpan, type ConfigNode, type ConfigSyntax, type Word } from '../../../kmod/config/syntax';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import { finding, type Check } from './finding';
import { nearest } from './nearest';

/** Parameters that the kernel takes for every module (unknown_module_param_cb() in kernel/module/main.c). */
const PARAMETERS_OF_ALL = new Set(['dyndbg', 'async_probe']);

/** Targets of an alias that mean no module at all, by an old habit. */
const NO_MODULE = new Set(['off', 'none']);

/** Names that neither the kernel's modules nor this file know. */
export const unknownModules: Check = function* ({ syntax, catalog }) {
  const isDefinedHere = namesDefinedIn(syntax);
  for (const node of syntax.nodes) {
    for (const word of moduleWords(node)) {
      if (!isModuleName(word.text) || catalog.peek(word.text) !== 'absent' || isDefinedHere(word.text))
        continue;
      const { origin } = catalog;
      if (origin === undefined) continue;
      yield finding('unknown-module', wordSpan(node.line, word), word.text, origin.release, origin.label);
    }
  }
};

/** Options that the module does not have. */
export const unknownParameters: Check = function* ({ syntax, catalog }) {
  for (const node of syntax.nodes) {
    if (node.kind !== 'statement' || node.problem !== undefined) continue;
    const [module, options] = node.arguments;
    if (module === undefined || options?.shape.kind !== 'parameters') continue;
    const info = catalog.peekInfo(module.value);
    const { origin } = catalog;
    if (info === undefined || origin === undefined) continue;
    const known = new Set(info.parameters.map((parameter) => normalizeModuleName(parameter.name)));
    for (const { name } of parseParameters(options)) {
      const folded = normalizeModuleName(name.text);
      if (known.has(folded) || PARAMETERS_OF_ALL.has(folded)) continue;
      const hint = hintFor(folded, info.name, known);
      yield finding(
        'unknown-parameter',
        wordSpan(node.line, name),
        info.name,
        name.text,
        hint,
        origin.release,
        origin.label,
      );
      // What follows is the text of a comment that is none.
      if (name.text.startsWith('#')) break;
    }
  }
};

function hintFor(parameter: string, module: string, known: ReadonlySet<string>): string {
  const prefix = `${module}.`;
  if (parameter.startsWith(prefix) && known.has(parameter.slice(prefix.length))) {
    return ` (write it without '${prefix}')`;
  }
  if (parameter.startsWith('#')) return ' (a comment needs a line of its own)';
  const meant = nearest(parameter, known);
  return meant === undefined ? '' : ` (did you mean '${meant}'?)`;
}

/** The words of a line that name a module which should be there. */
function moduleWords(node: ConfigNode): readonly Word[] {
  if (node.kind === 'module') return [node.name];
  if (node.kind !== 'statement' || node.problem !== undefined) return [];
  // An install or remove line may give a command to a name that has no module.
  const mayInvent = node.arguments.some((argument) => argument.shape.kind === 'shell-command');
  return node.arguments.flatMap((argument): readonly Word[] => {
    switch (argument.shape.kind) {
      case 'module':
        return NO_MODULE.has(argument.text) ? [] : [argument];
      case 'module-or-alias':
        return [argument];
      case 'module-pattern':
        return mayInvent || isGlob(argument.text) ? [] : [argument];
      case 'soft-dependencies':
        return parseSoftDependencies(argument).filter(({ role }) => role === 'pre' || role === 'post');
      case 'module-list':
        return listWords(argument);
      default:
        return [];
    }
  });
}

/** Tells whether a name is an alias or an install command of this file. */
function namesDefinedIn(syntax: ConfigSyntax): (name: string) => boolean {
  const patterns = syntax.nodes.flatMap((node) =>
    node.kind === 'statement' && node.problem === undefined
      ? node.arguments
          .slice(0, 1)
          .filter(({ shape }) => shape.kind === 'alias-pattern' || node.command.text === 'install')
          .map((argument) => argument.value)
      : [],
  );
  const isDefined = globMatcher(patterns);
  return (name) => isDefined(normalizeModuleName(name));
}
