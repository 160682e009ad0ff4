import type { DependencyWord } from '../../../kmod/config/dependencies';
import { isGlob } from '../../../kmod/config/glob';
import { wordSpan, type Argument, type Statement } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { subjectOf, type Entries } from './entries';
import { commentIn } from './comments';
import { finding, ofKept, placeOf, type Entry, type FileCheck, type Finding } from './finding';
import { memoized } from './memo';
import { choice, deleteLine, deleteWord, replaceLine, replaceWord, safe, type Fix } from './fix';
import { softdepWords } from './lists';

/** Words of a softdep that kmod drops, or takes for something else. */
export const softdepSyntax = ofKept((statement) => {
  const list = softdepList(statement);
  return list === undefined ? [] : badWords(statement, list);
});

function* badWords(statement: Statement, list: Argument): Generator<Finding> {
  const { line } = statement;
  const end = commentIn(statement)?.index ?? Infinity;
  for (const word of softdepWords(list)) {
    if (word.index >= end) return;
    const span = wordSpan(line, word);
    const text = word.text.trim();
    const [, marker, rest] = /^(pre:|post:)(.+)$/i.exec(text) ?? [];
    if (marker !== undefined && rest !== undefined) {
      const spaced = `${marker.toLowerCase()} ${rest}`;
      const why = `a blank must follow '${marker.toLowerCase()}'; this is taken for the name of a module`;
      yield {
        ...finding('softdep-syntax', span, text, why),
        fixes: [safe(`Change to '${spaced}'`, replaceWord(line, word, spaced))],
      };
    } else if (/^(pre|post)$/i.test(text) || (/^(pre|post):$/i.test(text) && /[A-Z]/.test(text))) {
      const meant = `${text.toLowerCase().replace(':', '')}:`;
      const fix = (text.endsWith(':') ? safe : choice)(
        `Change to '${meant}'`,
        replaceWord(line, word, meant),
      );
      yield { ...finding('softdep-syntax', span, text, `kmod knows only '${meant}'`), fixes: [fix] };
    } else if (word.role === 'dropped') {
      yield dropped(statement, list, word);
      // All that follows is dropped for the same reason.
      if (/^\s/.test(word.text)) return;
    }
  }
}

function dropped({ line }: Statement, list: Argument, word: DependencyWord): Finding {
  const text = word.text.trim();
  const span = wordSpan(line, word);
  if (/^\s(pre:|post:)$/.test(word.text)) {
    const why = `kmod drops it: after exactly two blanks it does not take '${text}' for the start of a list; leave one`;
    return {
      ...finding('softdep-syntax', span, text, why),
      fixes: [safe('Leave one blank', replaceWord(line, word, text))],
    };
  }
  const isFirst = word.index === list.index;
  const why = "kmod drops it: it stands in front of 'pre:' and 'post:'";
  return {
    ...finding('softdep-syntax', span, text, why),
    fixes: isFirst ? [choice("Insert 'pre:'", replaceWord(line, word, `pre: ${text}`))] : [],
  };
}

/** More modules than anybody lists: one of them exists, and no command should load them. */
const MAX_LISTED = 100;

/** Softdep and install lines of one module that stand in each other's way. */
export const shadowedSoftdeps = ofKept(function* (statement, { syntax, entries, catalog }) {
  const { command, line } = statement;
  const [module] = statement.arguments;
  if (!['softdep', 'install', 'remove'].includes(command.text)) return;
  if (module === undefined || isGlob(module.value)) return;
  const first = entries.first('softdep', module.value);
  if (first === undefined || first.statement === statement) return;
  const related = { entry: first, message: 'the softdep that counts' };
  if (command.text === 'softdep') {
    yield {
      ...finding('softdep-shadowed', wordSpan(line, module), module.text, placeOf(first)),
      fixes: merge(statement, first, syntax.source),
      related,
    };
    return;
  }
  // kmod goes by those of its modules that exist.
  const names = dependenciesOf(first);
  const isKnownToBeVoid =
    names.length <= MAX_LISTED && names.every((name) => catalog.peek(name) === 'absent');
  if (isKnownToBeVoid) return;
  yield {
    ...finding('softdep-hides-install', wordSpan(line, module), command.text, module.text, placeOf(first)),
    fixes: intoCommand(statement, first, syntax.source),
    related,
  };
});

function merge(statement: Statement, first: Entry, source: string): Fix[] {
  const withoutLine = deleteLine(statement.line, source);
  const [list, more] = [softdepList(first.statement), softdepList(statement)];
  if (first.file !== undefined || list === undefined || more === undefined) {
    return [choice('Delete the line', withoutLine)];
  }
  const { end } = wordSpan(first.statement.line, { text: list.text.trimEnd(), index: list.index });
  return [
    choice(
      `Put it into ${placeOf(first)}`,
      { span: { start: end, end }, text: ` ${more.text.trim()}` },
      withoutLine,
    ),
  ];
}

/** modprobe's calls in the command do what the softdep did. */
function intoCommand({ command, line, arguments: found }: Statement, first: Entry, source: string): Fix[] {
  const [module, text] = found;
  const fixes = [choice('Delete the line', deleteLine(line, source))];
  const list = softdepList(first.statement);
  const isOwn = first.file === undefined && subjectOf(first) === module?.value;
  if (command.text !== 'install' || !isOwn || list === undefined || text === undefined) return fixes;
  if (namesOf(list).length > MAX_LISTED) return fixes;
  const words = softdepWords(list);
  const calls = (role: DependencyWord['role']) =>
    words.filter((word) => word.role === role).map((word) => `modprobe -q ${word.text.trim()}`);
  const merged = [...calls('pre'), text.text.trim(), ...calls('post')].join('; ');
  fixes.push(
    choice(
      'Put the softdep into the command',
      deleteLine(first.statement.line, source),
      replaceLine(line, `install ${module?.text ?? ''} ${merged}`),
    ),
  );
  return fixes;
}

/** Softdeps that lead back to their module. Told at the line that closes the loop. */
export const softdepCycles: FileCheck = ({ syntax, entries }) =>
  cyclesIn(entries.softdeps, entries).map(({ statement, list, word, path }) => ({
    ...finding('softdep-cycle', wordSpan(statement.line, word), path.join(' → ')),
    fixes: [withoutDependency(statement, list, word, syntax.source)],
  }));

interface Cycle {
  readonly statement: Statement;
  readonly list: Argument;
  /** The word that closes the loop. */
  readonly word: DependencyWord;
  readonly path: readonly string[];
}

/** The last cycles that were looked for; another list of softdeps has others. */
const known = new WeakMap<readonly Entry[], readonly Cycle[]>();

function cyclesIn(softdeps: readonly Entry[], entries: Entries): readonly Cycle[] {
  let cycles = known.get(softdeps);
  if (cycles === undefined) {
    cycles = findCycles(softdeps, entries);
    known.set(softdeps, cycles);
  }
  return cycles;
}

function findCycles(softdeps: readonly Entry[], entries: Entries): Cycle[] {
  const cycles: Cycle[] = [];
  const targets = onlyInCycles(softdeps, entries);
  const told = new Set<string>();
  let steps = 0;
  const targetsOf = (name: string): readonly string[] => {
    const found = targets.get(name) ?? [];
    steps += found.length;
    return found;
  };
  for (const { statement, file } of softdeps) {
    const [module] = statement.arguments;
    const list = softdepList(statement);
    if (file !== undefined || list === undefined || module === undefined || isGlob(module.value)) continue;
    if (!targets.has(module.value) || entries.first('softdep', module.value)?.statement !== statement)
      continue;
    for (const word of dependencyWords(list)) {
      if (steps > MAX_STEPS) return cycles;
      const path = pathBetween(normalizeModuleName(word.text), module.value, targetsOf);
      const key = path && [...path].sort().join(' ');
      if (path === undefined || key === undefined || told.has(key)) continue;
      told.add(key);
      cycles.push({ statement, list, word, path: [module.value, ...path] });
    }
  }
  return cycles;
}

/** Thousands of modules in one knot have more ways than anybody wants to see: the first ones are told. */
const MAX_STEPS = 1_000_000;

/** By module: those that its softdep loads, without the modules from which nothing leads back. */
function onlyInCycles(softdeps: readonly Entry[], entries: Entries): Map<string, readonly string[]> {
  const targets = new Map<string, readonly string[]>();
  const wanted = softdeps.map(subjectOf).filter((name) => !isGlob(name));
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const entry = targets.has(name) ? undefined : entries.first('softdep', name);
    if (entry === undefined) continue;
    const loaded = dependenciesOf(entry);
    targets.set(name, loaded);
    wanted.push(...loaded);
  }
  const users = new Map<string, string[]>();
  for (const [name, loaded] of targets) {
    for (const target of new Set(loaded)) {
      const others = users.get(target);
      if (others === undefined) users.set(target, [name]);
      else others.push(name);
    }
  }
  // Peel off the ends, again and again.
  const open = new Map([...targets].map(([name, loaded]) => [name, new Set(loaded).size]));
  const ends = [...users.keys()].filter((name) => !targets.has(name));
  ends.push(...[...open].filter(([, count]) => count === 0).map(([name]) => name));
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    targets.delete(end);
    for (const user of users.get(end) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left === 0) ends.push(user);
    }
  }
  return targets;
}

function withoutDependency({ line }: Statement, list: Argument, word: DependencyWord, source: string): Fix {
  return dependencyWords(list).length === 1
    ? choice('Delete the line', deleteLine(line, source))
    : choice(`Delete '${word.text}'`, deleteWord(line, word));
}

/** The names from one module to another along softdeps, both included; undefined: there is no way. */
function pathBetween(
  from: string,
  to: string,
  targets: (name: string) => readonly string[],
): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const name of cameFrom.keys()) {
    if (name === to) {
      const path = [name];
      for (let at = cameFrom.get(name); at !== undefined; at = cameFrom.get(at)) path.push(at);
      return path.reverse();
    }
    for (const target of targets(name)) if (!cameFrom.has(target)) cameFrom.set(target, name);
  }
  return undefined;
}

function softdepList({ command, arguments: found }: Statement): Argument | undefined {
  return command.text === 'softdep' ? found[1] : undefined;
}

function dependencyWords(list: Argument): DependencyWord[] {
  return softdepWords(list).filter(({ role }) => role === 'pre' || role === 'post');
}

function dependenciesOf({ statement }: Entry): readonly string[] {
  const list = softdepList(statement);
  return list === undefined ? [] : namesOf(list);
}

/** Many lines may ask for those of one. */
const namesOf = memoized((list: Argument): readonly string[] =>
  dependencyWords(list).map(({ text }) => normalizeModuleName(text)),
);
