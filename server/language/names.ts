import type { ArgumentKind } from '../../kmod/config/directives';
import { listWords } from '../../kmod/config/dependencies';
import { logicalIndex, type LogicalLine } from '../../kmod/config/lines';
import { foldName } from '../../kmod/config/parse';
import {
  nodeAt,
  type Argument,
  type ConfigNode,
  type ConfigSyntax,
  type Word,
} from '../../kmod/config/syntax';
import { memoized } from './analysis/memo';
import { modprobeCalls } from './analysis/modprobeCalls';
import { softdepWords } from './analysis/lists';

/** A place where a module, an alias or a pattern of them is named. */
export interface NameUse {
  readonly word: Word;
  readonly line: LogicalLine;
  /** 'alias' is the name that an alias line gives, 'subject' what another line is about, 'mention' the rest. */
  readonly role: 'alias' | 'subject' | 'mention';
  /** modprobe looks for what has this name, as for its own argument; elsewhere names are only compared. */
  readonly isLookedUp: boolean;
}

/** What makes two spellings of a name one: kmod stores `-` as `_`, outside of brackets. */
export function nameKey(text: string): string {
  return foldName(text) ?? text;
}

/** Options are handed on where the module is looked up by the alias. */
const LOOKED_UP: ReadonlySet<ArgumentKind> = new Set([
  'module-or-alias',
  'soft-dependencies',
  'module-list',
  'shell-command',
]);

/** The names of a file's lines that count, in order. */
export function namesIn(syntax: ConfigSyntax): NameUse[] {
  return syntax.nodes.flatMap(namesOfNode);
}

/** The names of a line. Each request of an editor asks for them, and a line keeps its node until it changes. */
export const namesOfNode = memoized((node: ConfigNode): readonly NameUse[] => {
  const { line } = node;
  if (node.kind === 'module') return [{ word: node.name, line, role: 'subject', isLookedUp: true }];
  if (node.kind !== 'statement' || node.problem !== undefined) return [];
  return node.arguments.flatMap((argument, place) =>
    namesOfArgument(argument, place === 0).map(({ word, role }) => ({
      word,
      line,
      role,
      isLookedUp: LOOKED_UP.has(argument.shape.kind),
    })),
  );
});

/** The name at a source offset. */
export function nameAt(syntax: ConfigSyntax, offset: number): NameUse | undefined {
  const node = nodeAt(syntax, offset);
  if (node === undefined) return undefined;
  const index = logicalIndex(node.line, offset);
  return namesOfNode(node).find(({ word }) => word.index <= index && index <= word.index + word.text.length);
}

function namesOfArgument(argument: Argument, isFirst: boolean): Pick<NameUse, 'word' | 'role'>[] {
  const mentions = (words: readonly Word[]) => words.map((word) => ({ word, role: 'mention' as const }));
  switch (argument.shape.kind) {
    case 'alias-pattern':
      return [{ word: argument, role: 'alias' }];
    case 'module':
    case 'module-or-alias':
    case 'module-pattern':
    case 'module-file':
      return isFirst ? [{ word: argument, role: 'subject' }] : mentions([argument]);
    case 'soft-dependencies':
      return mentions(softdepWords(argument).filter(({ role }) => role === 'pre' || role === 'post'));
    case 'module-list':
      return mentions(listWords(argument));
    case 'shell-command':
      return mentions(
        modprobeCalls(argument.text).map(({ module: { text, index } }) => ({
          text,
          index: argument.index + index,
        })),
      );
    default:
      return [];
  }
}
