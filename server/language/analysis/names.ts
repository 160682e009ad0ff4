import { isGlob, matchesGlob } from '../../../kmod/config/glob';
import { wordSpan, type ConfigNode, type Statement, type Word } from '../../../kmod/config/syntax';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import { finding, ofKept, type LineCheck } from './finding';
import { choice, replaceLine, replaceWord, type Fix } from './fix';
import { moduleWords } from './modules';

/** More lines than a person would want in the place of one. */
const MAX_EXPANSION = 50;

/** Texts that can be no module's name, however they are meant. */
export const notModuleNames: LineCheck = function* (node) {
  for (const word of moduleWords(node)) {
    const wrong = whatIsWrong(word.text);
    if (wrong === undefined) continue;
    const [why, ...names] = wrong;
    const meant = names.every(isModuleName) ? names : [];
    yield {
      ...finding('not-a-module-name', wordSpan(node.line, word), word.text, why),
      fixes: meant.length === 0 ? [] : [split(node, word, meant)],
    };
  }
};

/** Why a text is no module's name, and the names that were meant. Whatever an alias may look like passes. */
function whatIsWrong(text: string): [why: string, ...meant: string[]] | undefined {
  if (/^(['"]).+\1$/.test(text)) return ['the quotes are part of the name', text.slice(1, -1)];
  const path = /^(?:\.{0,2}\/)?(?:[\w.+-]+\/)*([\w-]+)\.ko(?:\.(?:gz|xz|zst))?$/.exec(text)?.[1];
  if (path !== undefined) return ["a module's name has no path and no '.ko'", path];
  if (/^\.{0,2}\//.test(text)) return ["a module's name is no path", text.slice(text.lastIndexOf('/') + 1)];
  if (/^[\w-]+;$/.test(text)) return ["the ';' is part of the name", text.slice(0, -1)];
  if (/^[\w-]+(,[\w-]*)+$/.test(text)) {
    return ['a comma separates no names', ...text.split(',').filter((name) => name !== '')];
  }
  return undefined;
}

function split(node: ConfigNode, word: Word, names: readonly string[]): Fix {
  const [name = ''] = names;
  if (names.length === 1) return choice(`Change to '${name}'`, replaceWord(node.line, word, name));
  const isListed = node.kind === 'statement' && node.arguments[0]?.index !== word.index;
  if (isListed) return choice('Separate by blanks', replaceWord(node.line, word, names.join(' ')));
  const { text } = node.line;
  const lines = names.map(
    (each) => text.slice(0, word.index) + each + text.slice(word.index + word.text.length),
  );
  return choice('Write one line per name', replaceLine(node.line, lines.join('\n')));
}

/** Patterns where names are compared exactly. */
export const ignoredGlobs = ofKept(function* (statement, { entries }) {
  const { command, line } = statement;
  const [name] = statement.arguments;
  if (name === undefined || !isGlob(name.value)) return;
  // Options of an alias are found by the alias' own text, which may be a pattern, and of any file.
  const isExact =
    command.text === 'blacklist' || (name.shape.kind === 'module-or-alias' && !/[:[]/.test(name.value));
  if (!isExact || entries.about('alias', name.value).length > 0) return;
  yield {
    ...finding('glob-ignored', wordSpan(line, name), command.text, name.text),
    fixesFrom: (modules) => expand(statement, name, modules),
  };
});

function expand({ line }: Statement, pattern: Word, modules: readonly string[]): Fix[] {
  const matching = modules
    .filter((module) => matchesGlob(normalizeModuleName(pattern.text), module))
    .slice(0, MAX_EXPANSION);
  if (matching.length === 0) return [];
  const before = line.text.slice(0, pattern.index);
  const after = line.text.slice(pattern.index + pattern.text.length);
  const lines = matching.map((module) => before + module + after);
  return [
    choice(`Write a line for each matching module (${matching.length})`, replaceLine(line, lines.join('\n'))),
  ];
}
