import { directivesOf, synopsisOf } from '../../../kmod/config/directives';
import { wordSpan, type Problem, type Statement, type Word } from '../../../kmod/config/syntax';
import { isModuleName } from '../../../kmod/name';
import { finding, type Finding, type LineCheck, type Unit } from './finding';
import {
  choice,
  commentOut,
  deleteLine,
  moveLine,
  replaceLine,
  replaceWord,
  safe,
  type Fix,
  type SiblingDirectory,
} from './fix';
import { isInvisible } from './invisible';
import { nearest } from './nearest';

/** modutils, up to Linux 2.4: /etc/modules.conf. */
const MODUTILS_COMMANDS = new Set(
  (
    'pre-install post-install pre-remove post-remove above below probe probeall path depfile keep prune ' +
    'if else elseif endif define insmod_opt persistdir generic_stringfile pcimapfile isapnpmapfile usbmapfile'
  ).split(' '),
);

/** Commands that a distribution's kmod has, by a patch of its own: SUSE's. */
const PATCHED_COMMANDS = new Set(['allow_unsupported_modules']);

/** Every line that kmod drops, by the reason. */
export const droppedLines: LineCheck = (node, unit) =>
  node.kind === 'statement' && node.problem !== undefined ? explain(node, node.problem, unit) : [];

function explain(statement: Statement, problem: Problem, unit: Unit): Finding[] {
  const { line, command, directive } = statement;
  const span = wordSpan(line, command);
  const withoutLine = choice('Delete the line', deleteLine(line, unit.syntax.source));
  switch (problem.kind) {
    case 'unknown-command':
      return explainUnknownCommand(statement, unit);
    case 'deprecated-command': {
      const found = finding('deprecated-command', span, command.text, directive?.meaning.source ?? '');
      return [{ ...found, fixes: [withoutLine] }];
    }
    case 'version-required': {
      const [kmod, since] = [String(unit.kmod), String(problem.since)];
      const found = finding('version-required', span, `'${command.text}'`, since, kmod);
      return [{ ...found, fixes: asSoftdep(statement) }];
    }
    case 'missing-argument': {
      const found = finding(
        'missing-argument',
        span,
        problem.shape.label,
        directive === undefined ? '' : synopsisOf(directive),
      );
      return [{ ...found, fixes: [withoutLine] }];
    }
    case 'unbalanced-bracket': {
      const found = finding('unbalanced-bracket', wordSpan(line, problem.word), problem.word.text);
      return [{ ...found, fixes: balance(statement, problem.word) }];
    }
  }
}

function asSoftdep({ line, command, arguments: [module, list] }: Statement): Fix[] {
  if (command.text !== 'weakdep' || module === undefined || list === undefined) return [];
  const softdep = `softdep ${module.text} pre: ${list.text.trim()}`;
  return [choice('Convert to softdep, which loads the modules', replaceLine(line, softdep))];
}

const CHARACTER_CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['digit', '0-9'],
  ['lower', 'a-z'],
  ['upper', 'A-Z'],
  ['xdigit', '0-9A-Fa-f'],
]);

function balance({ line }: Statement, word: Word): Fix[] {
  const spelledOut = word.text.replace(
    /\[:(\w+):\]/g,
    (text, name: string) => CHARACTER_CLASSES.get(name) ?? text,
  );
  if (spelledOut !== word.text) {
    return [choice(`Replace by '${spelledOut}'`, replaceWord(line, word, spelledOut))];
  }
  // Behind the last ], no bracket is closed.
  const end = word.text.lastIndexOf(']') + 1;
  const pieces = word.text.slice(0, end).match(/\[[^\]]*\]?|[^[\]]+/g) ?? [];
  const balanced = pieces.join('') + word.text.slice(end).replaceAll('[', '');
  return [choice('Remove the bracket', replaceWord(line, word, balanced))];
}

function explainUnknownCommand(statement: Statement, unit: Unit): Finding[] {
  const { line, command } = statement;
  const span = wordSpan(line, command);
  const { text } = command;
  // The invisible character is what makes the command unknown, and has its own rule.
  if ([...text].some(isInvisible) || PATCHED_COMMANDS.has(text)) return [];
  if (text.startsWith('#')) {
    const indentation = { start: line.start, end: span.start };
    const found = finding('indented-comment', { start: span.start, end: line.end });
    return [{ ...found, fixes: [safe('Remove the indentation', { span: indentation, text: '' })] }];
  }
  const foreign = foreignSyntax(text, statement, unit);
  if (foreign !== undefined) {
    return [{ ...finding('wrong-dialect', span, foreign.syntax, foreign.advice), fixes: foreign.fixes }];
  }
  const meant = nearest(text.toLowerCase(), directivesOf(unit.syntax.language).keys());
  if (meant === undefined) {
    const { source } = unit.syntax;
    const fixes = [
      choice('Make the line a comment', commentOut(line, source)),
      choice('Delete the line', deleteLine(line, source)),
    ];
    return [{ ...finding('unknown-command', span, text, ''), fixes }];
  }
  const isSafe = meant === text.toLowerCase();
  const hint = isSafe ? ` (commands are lower case: '${meant}')` : ` (did you mean '${meant}'?)`;
  const fix = (isSafe ? safe : choice)(`Change to '${meant}'`, replaceWord(line, command, meant));
  return [{ ...finding('unknown-command', span, text, hint), fixes: [fix] }];
}

/**
 * The lines of modprobe.d for a word of the kernel command line: `modprobe.blacklist=a,b`, or `module.key=value`.
 * undefined: it is about no module.
 */
function asLines(word: string): string[] | undefined {
  const blacklisted = /^modprobe\.blacklist=(.+)$/.exec(word)?.[1];
  if (blacklisted !== undefined) {
    return blacklisted
      .split(',')
      .filter((name) => name !== '')
      .map((name) => `blacklist ${name}`);
  }
  const [, module, parameter] = /^([\w-]+)\.([\w-]+=.*)$/.exec(word) ?? [];
  return module === undefined ? undefined : [`options ${module} ${parameter}`];
}

interface Foreign {
  readonly syntax: string;
  readonly advice: string;
  readonly fixes: readonly Fix[];
}

/** The syntax that a line obviously is in, and what to do about it. */
function foreignSyntax(
  command: string,
  { line }: Statement,
  { syntax: { language, source }, catalog }: Unit,
): Foreign | undefined {
  const text = line.text.trim();
  const converted = asLines(command);
  if (converted !== undefined) {
    const lines = text.split(/\s+/).map(asLines);
    return {
      syntax: 'kernel command line syntax',
      advice: `write ${converted.map((each) => `'${each}'`).join(', ')}`,
      fixes: lines.every((each) => each !== undefined)
        ? [choice('Convert to modprobe.d', replaceLine(line, lines.flat().join('\n')))]
        : [],
    };
  }
  const moveTo = (directory: SiblingDirectory, name: string = directory): Foreign => ({
    syntax: `${name} syntax`,
    advice: `move the line to a file in ${directory}`,
    fixes: [moveLine(line, source, directory, source.slice(line.start, line.end).trim())],
  });
  if (/(^|,\s*)[A-Z]+(\{[^{}]*\})?[=!]=/.test(text)) return moveTo('udev/rules.d', 'udev');
  if (language === 'depmod') return directivesOf('modprobe').has(command) ? moveTo('modprobe.d') : undefined;
  if (directivesOf('depmod').has(command)) return moveTo('depmod.d');
  if (MODUTILS_COMMANDS.has(command)) {
    return {
      syntax: 'modutils syntax of Linux 2.4',
      advice: 'delete the line',
      fixes: [choice('Delete the line', deleteLine(line, source))],
    };
  }
  return command === text && isModuleName(command) && catalog.peek(command) === 'module'
    ? moveTo('modules-load.d')
    : undefined;
}
