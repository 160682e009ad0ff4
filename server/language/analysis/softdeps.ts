import { parseSoftDependencies, type DependencyWord } from '../../../kmod/config/dependencies';
import { isGlob } from '../../../kmod/config/glob';
import { wordSpan, type Argument, type Statement } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { entriesFor, firstMatch, subjectOf } from './entries';
import { commentIn } from './comments';
import { finding, keptStatements, placeOf, type Check, type Entry, type Finding } from './finding';
import { choice, deleteLine, deleteWord, replaceLine, replaceWord, safe, type Fix } from './fix';

/** Words of a softdep that kmod drops, or takes for something else. */
export const softdepSyntax: Check = function* ({ syntax }) {
  for (const statement of keptStatements(syntax)) {
    const list = softdepList(statement);
    if (list !== undefined) yield* badWords(statement, list);
  }
};

function* badWords(statement: Statement, list: Argument): Generator<Finding> {
  const { line } = statement;
  const end = commentIn(statement)?.index ?? Infinity;
  for (const word of parseSoftDependencies(list)) {
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

/** Softdep and install lines of one module that stand in each other's way. */
export const shadowedSoftdeps: Check = function* ({ syntax, entries, catalog }) {
  const find = firstMatch(entriesFor(entries, 'softdep'));
  for (const statement of keptStatements(syntax)) {
    const { command, line } = statement;
    const [module] = statement.arguments;
    if (module === undefined || isGlob(module.value)) continue;
    const first = find(module.value);
    if (first === undefined || first.statement === statement) continue;
    const related = { entry: first, message: 'the softdep that counts' };
    if (command.text === 'softdep') {
      yield {
        ...finding('softdep-shadowed', wordSpan(line, module), module.text, placeOf(first)),
        fixes: merge(statement, first, syntax.source),
        related,
      };
    } else if (command.text === 'install' || command.text === 'remove') {
      // kmod goes by those of its modules that exist.
      const isKnownToBeVoid = dependenciesOf(first).every((name) => catalog.peek(name) === 'absent');
      if (isKnownToBeVoid) continue;
      yield {
        ...finding(
          'softdep-hides-install',
          wordSpan(line, module),
          command.text,
          module.text,
          placeOf(first),
        ),
        fixes: intoCommand(statement, first, syntax.source),
        related,
      };
    }
  }
};

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
  const words = parseSoftDependencies(list);
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
export const softdepCycles: Check = function* ({ syntax, entries }) {
  const softdeps = entriesFor(entries, 'softdep');
  const find = firstMatch(softdeps);
  const targets = (name: string): readonly string[] => {
    const entry = find(name);
    return entry === undefined ? [] : dependenciesOf(entry);
  };
  const known = new Map<string, readonly string[] | undefined>();
  for (const statement of keptStatements(syntax)) {
    const [module] = statement.arguments;
    const list = softdepList(statement);
    if (list === undefined || module === undefined || isGlob(module.value)) continue;
    if (find(module.value)?.statement !== statement) continue;
    for (const word of dependencyWords(list)) {
      const path = pathBetween(normalizeModuleName(word.text), module.value, targets);
      const key = path && [...path].sort().join(' ');
      if (path === undefined || key === undefined || known.has(key)) continue;
      known.set(key, path);
      yield {
        ...finding('softdep-cycle', wordSpan(statement.line, word), [module.value, ...path].join(' → ')),
        fixes: [withoutDependency(statement, list, word, syntax.source)],
      };
    }
  }
};

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
      for (let at = cameFrom.get(name); at !== undefined; at = cameFrom.get(at)) path.unshift(at);
      return path;
    }
    for (const target of targets(name)) if (!cameFrom.has(target)) cameFrom.set(target, name);
  }
  return undefined;
}

function softdepList({ command, arguments: found }: Statement): Argument | undefined {
  return command.text === 'softdep' ? found[1] : undefined;
}

function dependencyWords(list: Argument): DependencyWord[] {
  return parseSoftDependencies(list).filter(({ role }) => role === 'pre' || role === 'post');
}

function dependenciesOf({ statement }: Entry): string[] {
  const list = softdepList(statement);
  return list === undefined ? [] : dependencyWords(list).map(({ text }) => normalizeModuleName(text));
}
