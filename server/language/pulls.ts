import type { TextDocument } from 'vscode-languageserver-textdocument';
import { listWords, parseSoftDependencies } from '../../kmod/config/dependencies';
import { matchesGlob } from '../../kmod/config/glob';
import type { ConfigNode, Statement, Word } from '../../kmod/config/syntax';
import { callsIn } from './analysis/modprobeCalls';
import { isKept } from './analysis/finding';
import { nameKey } from './names';
import type { ParsedFile } from './project';

/** A place where a line brings a module, or something by an alias. */
export interface Pull {
  /** The name that is brought, with `_`. */
  readonly name: string;
  readonly word: Word;
  /** The module, alias or pattern that the line is about, with `_`; undefined: each start of the system. */
  readonly caller: string | undefined;
  /** Of the line; '' in modules-load.d. */
  readonly command: string;
  /** "softdep pre:", "install", … */
  readonly how: string;
  readonly node: ConfigNode;
  readonly document: TextDocument;
}

/** What the lines of a file bring, in its order. */
export function pullsIn({ document, syntax }: ParsedFile): Pull[] {
  return syntax.nodes.flatMap((node): Pull[] => {
    if (node.kind === 'module') {
      const name = nameKey(node.name.text);
      return [
        { name, word: node.name, caller: undefined, command: '', how: 'modules-load.d', node, document },
      ];
    }
    const caller = isKept(node) ? node.arguments[0]?.value : undefined;
    if (!isKept(node) || caller === undefined) return [];
    const command = node.command.text;
    return wordsOf(node).map(({ word, how }) => ({
      name: nameKey(word.text),
      word,
      caller,
      command,
      how,
      node,
      document,
    }));
  });
}

/** The first line of a command that matches a name: of most commands it is the only one that counts. */
export function firstAbout(
  files: readonly ParsedFile[],
  command: string,
  name: string,
): Statement | undefined {
  for (const { syntax } of files) {
    const found = syntax.nodes.find(
      (node): node is Statement =>
        isKept(node) && node.command.text === command && matchesGlob(node.arguments[0]?.value ?? '', name),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function wordsOf({ command, arguments: [, argument] }: Statement): { word: Word; how: string }[] {
  if (argument === undefined) return [];
  switch (command.text) {
    case 'alias':
      return [{ word: argument, how: 'alias' }];
    case 'softdep':
      return parseSoftDependencies(argument)
        .filter(({ role }) => role === 'pre' || role === 'post')
        .map((word) => ({ word, how: `softdep ${word.role}:` }));
    case 'weakdep':
      return listWords(argument).map((word) => ({ word, how: 'weakdep' }));
    case 'install':
      return callsIn(argument)
        .filter(({ loads }) => loads)
        .map(({ module: { text, index } }) => ({
          word: { text, index: argument.index + index },
          how: 'install',
        }));
    default:
      return [];
  }
}
