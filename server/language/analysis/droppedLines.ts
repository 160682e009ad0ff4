import { directivesOf } from '../../../kmod/config/directives';
import { parseSoftDependencies } from '../../../kmod/config/dependencies';
import { wordSpan, type Problem, type Statement } from '../../../kmod/config/syntax';
import { isModuleName } from '../../../kmod/name';
import { finding, type Check, type Finding, type Unit } from './finding';
import { isInvisible } from './invisible';
import { nearest } from './nearest';

/** modutils, up to Linux 2.4: /etc/modules.conf. */
const MODUTILS_COMMANDS = new Set(
  (
    'pre-install post-install pre-remove post-remove above below probe probeall path depfile keep prune ' +
    'if else elseif endif define insmod_opt persistdir generic_stringfile pcimapfile isapnpmapfile usbmapfile'
  ).split(' '),
);

/** Every line that kmod drops, by the reason. */
export const droppedLines: Check = function* (unit) {
  for (const node of unit.syntax.nodes) {
    if (node.kind === 'statement' && node.problem !== undefined) {
      yield* explain(node, node.problem, unit);
    }
  }
};

function explain(statement: Statement, problem: Problem, unit: Unit): Finding[] {
  const { line, command, directive } = statement;
  const span = wordSpan(line, command);
  switch (problem.kind) {
    case 'unknown-command':
      return explainUnknownCommand(statement, unit);
    case 'deprecated-command':
      return [finding('deprecated-command', span, command.text, directive?.meaning ?? '')];
    case 'version-required':
      return [finding('version-required', span, command.text, String(problem.since))];
    case 'missing-argument':
      return [finding('missing-argument', span, command.text, problem.shape.label)];
    case 'unbalanced-bracket':
      return [finding('unbalanced-bracket', wordSpan(line, problem.word), problem.word.text)];
  }
}

function explainUnknownCommand({ line, command }: Statement, unit: Unit): Finding[] {
  const span = wordSpan(line, command);
  const { text } = command;
  // The invisible character is what makes the command unknown, and has its own rule.
  if ([...text].some(isInvisible)) return [];
  if (text.startsWith('#')) return [finding('indented-comment', { start: span.start, end: line.end })];
  const [syntax, advice] = foreignSyntax(text, line.text.trim(), unit) ?? [];
  if (syntax !== undefined && advice !== undefined) return [finding('wrong-dialect', span, syntax, advice)];
  const meant = nearest(text.toLowerCase(), directivesOf(unit.syntax.language).keys());
  const hint =
    meant === undefined
      ? ''
      : meant === text.toLowerCase()
        ? ` (commands are lower case: '${meant}')`
        : ` (did you mean '${meant}'?)`;
  return [finding('unknown-command', span, text, hint)];
}

/** The syntax that a line obviously is in, and what to do about it. */
function foreignSyntax(
  command: string,
  line: string,
  { syntax, catalog }: Unit,
): [string, string] | undefined {
  const blacklisted = /^modprobe\.blacklist=(.*)$/.exec(command)?.[1];
  if (blacklisted !== undefined) {
    return ['kernel command line syntax', `write a line 'blacklist NAME' for each of ${blacklisted}`];
  }
  const [, module, parameter] = /^([\w-]+)\.([\w-]+=?.*)$/.exec(command) ?? [];
  if (module !== undefined && parameter?.includes('=') === true) {
    return ['kernel command line syntax', `write 'options ${module} ${parameter}'`];
  }
  if (/(^|,\s*)[A-Z]+(\{[^}]*\})?[=!]=/.test(line))
    return ['udev syntax', 'move the line to a file in udev/rules.d'];
  if (syntax.language === 'depmod') {
    return directivesOf('modprobe').has(command)
      ? ['modprobe.d syntax', 'move the line to a file in modprobe.d']
      : undefined;
  }
  if (directivesOf('depmod').has(command)) return ['depmod.d syntax', 'move the line to a file in depmod.d'];
  if (MODUTILS_COMMANDS.has(command)) return ['modutils syntax of Linux 2.4', 'delete the line'];
  if (command === line && isModuleName(command) && catalog.peek(command) === 'module') {
    return ['modules-load.d syntax', 'move the line to a file in modules-load.d'];
  }
  return undefined;
}

/** Words of a softdep that belong to neither list. */
export const softDependencySyntax: Check = function* ({ syntax }) {
  for (const node of syntax.nodes) {
    const list = node.kind === 'statement' && node.problem === undefined ? node.arguments[1] : undefined;
    if (node.kind !== 'statement' || list?.shape.kind !== 'soft-dependencies') continue;
    for (const word of parseSoftDependencies(list)) {
      if (word.role !== 'dropped') continue;
      const marker = /^\s(pre:|post:)$/.exec(word.text)?.[1];
      const why =
        marker === undefined
          ? "it stands in front of 'pre:' and 'post:'"
          : `after exactly two blanks it does not take '${marker}' for the start of a list; leave one`;
      yield finding('softdep-syntax', wordSpan(node.line, word), word.text.trim(), why);
      // All that follows is dropped for the same reason.
      if (marker !== undefined) break;
    }
  }
};

/** modules-load.d: the whole line is one name. */
export const moduleLines: Check = function* ({ syntax }) {
  for (const node of syntax.nodes) {
    if (node.kind !== 'module') continue;
    const { text } = node.name;
    const span = wordSpan(node.line, node.name);
    const [first = '', second] = text.split(/[ \t]+/, 2);
    if (second !== undefined && directivesOf('modprobe').has(first)) {
      yield finding('wrong-dialect', span, 'modprobe.d syntax', 'move the line to a file in modprobe.d');
    } else if (second !== undefined) {
      const why = second.startsWith('#')
        ? 'a comment needs a line of its own'
        : 'one name a line; the options of a module go into modprobe.d';
      yield finding('modules-load-line', span, text, why);
    } else if (text.endsWith('\\')) {
      yield finding('modules-load-line', span, text, 'there are no continuation lines');
    }
  }
};
