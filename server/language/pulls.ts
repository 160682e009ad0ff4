import type { TextDocument } from 'vscode-languageserver-textdocument';
import { listWords } from '../../kmod/config/dependencies';
import { groupBy } from '../../kmod/groupBy';
import { PatternIndex } from '../../kmod/config/patternIndex';
import type { Argument, ConfigNode, Statement, Word } from '../../kmod/config/syntax';
import { callsIn } from './analysis/modprobeCalls';
import { isKept } from './analysis/finding';
import { memoized } from './analysis/memo';
import { nameKey } from './names';
import type { ParsedFile } from './project';
import { softdepWords } from './analysis/lists';

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
function pullsIn({ document, syntax }: ParsedFile): Pull[] {
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

/** A line that is about a module, alias or pattern. */
export interface AboutLine {
  readonly node: Statement;
  readonly subject: Argument;
  readonly document: TextDocument;
}

/** What the lines of some files bring, and what they are about. */
export class Pulls {
  readonly all: readonly Pull[];
  readonly #abouts: ReadonlyMap<string, PatternIndex<AboutLine>>;
  readonly #byNode: ReadonlyMap<ConfigNode, readonly Pull[]>;

  constructor(files: readonly ParsedFile[]) {
    this.all = files.flatMap(pullsIn);
    this.#byNode = groupBy(this.all, ({ node }) => node);
    const lines = files.flatMap(({ document, syntax }) =>
      syntax.nodes.filter(isKept).flatMap((node): AboutLine[] => {
        const [subject] = node.arguments;
        return subject === undefined ? [] : [{ node, subject, document }];
      }),
    );
    this.#abouts = new Map(
      [...groupBy(lines, ({ node }) => node.command.text)].map(([command, some]) => [
        command,
        new PatternIndex(some, ({ subject }) => subject.value),
      ]),
    );
  }

  /** The first line of a command that matches a name: of most commands it is the only one that counts. */
  firstAbout(command: string, name: string): AboutLine | undefined {
    return this.#abouts.get(command)?.first(name);
  }

  /** What one line brings. */
  of(node: ConfigNode): readonly Pull[] {
    return this.#byNode.get(node) ?? [];
  }
}

const wordsOf = memoized(({ command, arguments: [, argument] }: Statement): { word: Word; how: string }[] => {
  if (argument === undefined) return [];
  switch (command.text) {
    case 'alias':
      return [{ word: argument, how: 'alias' }];
    case 'softdep':
      return softdepWords(argument)
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
});
