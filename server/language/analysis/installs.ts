import { isGlob, matchesGlob } from '../../../kmod/config/glob';
import { wordSpan, type Argument, type Statement, type Word } from '../../../kmod/config/syntax';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import { firstValue } from '../../../kmod/modinfo';
import { finding, ofKept, type Finding, type Unit } from './finding';
import { choice, replaceLine, type Fix } from './fix';
import { callsIn, type ModprobeCall } from './modprobeCalls';

/** Commands that put a module off rather than load it. */
const REFUSES = /^(?:\/?(?:\w+\/)*(?:false|true)|:|exit\s+\d+)(?:\s*;)?$/;

const CMDLINE_OPTS = '$CMDLINE_OPTS';

/** The commands of install and remove lines. */
export const commands = ofKept(function* (statement, unit) {
  const [pattern, command] = statement.arguments;
  if (pattern === undefined || command?.shape.kind !== 'shell-command') return;
  const line: CommandLine = { statement, pattern, command, calls: callsIn(command) };
  yield* recursion(line);
  yield* commandLineOptions(line);
  if (statement.command.text === 'install') {
    yield* dependencies(line, unit);
    // A softdep needs a module; a command may serve a name that has none.
    if (unit.catalog.peek(pattern.value) !== 'absent') yield* onlySoftdep(line);
  }
});

interface CommandLine {
  readonly statement: Statement;
  readonly pattern: Argument;
  readonly command: Argument;
  readonly calls: readonly ModprobeCall[];
}

/** A part of the command, by its place in the line. */
function inLine({ command }: CommandLine, word: Word): Word {
  return { text: word.text, index: command.index + word.index };
}

function* recursion(line: CommandLine): Generator<Finding> {
  const { statement, pattern, calls } = line;
  const isInstall = statement.command.text === 'install';
  const ignore = isInstall ? '--ignore-install' : '--ignore-remove';
  for (const call of calls) {
    const isSame = isInstall ? call.loads : call.removes;
    const module = normalizeModuleName(call.module.text);
    if (!isSame || call.ignoresCommand || !isModuleName(module) || !matchesGlob(pattern.value, module))
      continue;
    const { end } = wordSpan(statement.line, inLine(line, call.program));
    const span = wordSpan(statement.line, inLine(line, call.text));
    yield {
      ...finding('install-recursion', span, call.module.text, ignore),
      fixes: [choice(`Add ${ignore}`, { span: { start: end, end }, text: ` ${ignore}` })],
    };
  }
}

function* commandLineOptions(line: CommandLine): Generator<Finding> {
  const { statement, pattern, command, calls } = line;
  const isInstall = statement.command.text === 'install';
  for (const { 0: text, index } of command.text.matchAll(/\$(\{CMDLINE_OPTS\}|CMDLINE_OPTS)/g)) {
    const span = wordSpan(statement.line, inLine(line, { text, index }));
    if (!isInstall) {
      yield {
        ...finding('cmdline-opts', span, `kmod replaces ${text} by nothing in a remove line: delete it`),
        fixes: [choice(`Delete ${text}`, { span, text: '' })],
      };
    } else if (text !== CMDLINE_OPTS) {
      yield {
        ...finding(
          'cmdline-opts',
          span,
          `kmod replaces only ${CMDLINE_OPTS}, without braces: ${text} is empty here`,
        ),
        fixes: [choice(`Change to ${CMDLINE_OPTS}`, { span, text: CMDLINE_OPTS })],
      };
    }
  }
  if (!isInstall || command.text.includes('CMDLINE_OPTS')) return;
  const again = calls.find(
    ({ loads, ignoresCommand, module, parameters }) =>
      loads &&
      ignoresCommand &&
      parameters.length === 0 &&
      matchesGlob(pattern.value, normalizeModuleName(module.text)),
  );
  if (again === undefined) return;
  const module = inLine(line, again.module);
  const { end } = wordSpan(statement.line, module);
  yield {
    ...finding(
      'cmdline-opts',
      wordSpan(statement.line, inLine(line, again.text)),
      `parameters given to 'modprobe ${again.module.text} …' are lost here: add ${CMDLINE_OPTS}`,
    ),
    fixes: [choice(`Add ${CMDLINE_OPTS}`, { span: { start: end, end }, text: ` ${CMDLINE_OPTS}` })],
  };
}

function* dependencies(
  { statement, pattern, command }: CommandLine,
  { catalog, entries }: Unit,
): Generator<Finding> {
  if (isGlob(pattern.value) || !REFUSES.test(command.text.trim())) return;
  const info = catalog.peekInfo(pattern.value);
  // Those with a command of their own are not inserted either.
  const needed = (info === undefined ? '' : (firstValue(info, 'depends') ?? ''))
    .split(',')
    .filter((name) => name !== '' && entries.first('install', name) === undefined);
  if (needed.length === 0) return;
  const { line } = statement;
  const lines = needed.map((name) => `\ninstall ${name} ${command.text.trim()}`).join('');
  yield {
    ...finding('install-loads-dependencies', wordSpan(line, pattern), pattern.text, needed.join(', ')),
    fixes: [
      choice('Add the same line for its dependencies', {
        span: { start: line.end, end: line.end },
        text: lines,
      }),
    ],
  };
}

/** A command that is nothing but plain calls of modprobe, one of them for the module itself. */
function* onlySoftdep(line: CommandLine): Generator<Finding> {
  const { statement, pattern, command, calls } = line;
  const own = calls.findIndex(
    ({ loads, ignoresCommand, module }) => loads && ignoresCommand && sameModule(module.text, pattern.value),
  );
  const others = calls.filter((_, at) => at !== own);
  const isPlain = others.every(
    ({ loads, module, parameters }) => loads && parameters.length === 0 && isModuleName(module.text),
  );
  if (own < 0 || others.length === 0 || !isPlain || !isNothingElse(command.text, calls)) return;
  const list = (marker: string, some: readonly ModprobeCall[]): string[] =>
    some.length === 0 ? [] : [marker, ...some.map(({ module }) => module.text)];
  const softdep = [
    'softdep',
    pattern.text,
    ...list('pre:', calls.slice(0, own)),
    ...list('post:', calls.slice(own + 1)),
  ].join(' ');
  const fix: Fix = choice('Convert to softdep', replaceLine(statement.line, softdep));
  yield { ...finding('prefer-softdep', wordSpan(statement.line, pattern), softdep), fixes: [fix] };
}

function isNothingElse(command: string, calls: readonly ModprobeCall[]): boolean {
  const isOption = (word: string) => /^(-[iqsv]+|--(ignore-install|quiet|syslog|verbose))$/.test(word);
  const plain = calls.every(({ text, module }) => {
    const [, ...words] = text.text.trim().split(/\s+/);
    return words.every((word) => isOption(word) || word === module.text || word === CMDLINE_OPTS);
  });
  const between = calls.reduce((text, call) => text.replace(call.text.text, ''), command);
  return plain && /^[\s;&]*$/.test(between) && !/[^&]&[^&]/.test(command);
}

function sameModule(a: string, b: string): boolean {
  return normalizeModuleName(a) === normalizeModuleName(b);
}
