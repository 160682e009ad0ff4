import { parseSoftDependencies, type DependencyWord } from '../../../kmod/config/dependencies';
import type { ArgumentKind } from '../../../kmod/config/directives';
import { parseParameters, type ParameterWord } from '../../../kmod/config/parameters';
import type { ConfigNode, Word } from '../../../kmod/config/syntax';
import { memoized } from './memo';

/** Characters of a list. What a person writes is a hundred times shorter. */
const LONGEST_LIST = 1 << 16;

/** What is looked at of a list: words behind it are not. */
function cut<List extends Word>(list: List): List {
  return list.text.length > LONGEST_LIST ? { ...list, text: list.text.slice(0, LONGEST_LIST) } : list;
}

/** The words of an options line, of which many ask. */
export const optionWords = memoized((options: Word): readonly ParameterWord[] =>
  parseParameters(cut(options)),
);

/** The words of a softdep line, of which many ask. */
export const softdepWords = memoized((list: Word): readonly DependencyWord[] =>
  parseSoftDependencies(cut(list)),
);

/** The lists whose words are those above. */
const CUT: ReadonlySet<ArgumentKind> = new Set(['parameters', 'soft-dependencies']);

/** Where a line's list goes on behind what is looked at; undefined: all of it is. */
export function uncheckedFrom(node: ConfigNode): number | undefined {
  const list =
    node.kind === 'statement' ? node.arguments.find(({ shape }) => CUT.has(shape.kind)) : undefined;
  return list !== undefined && list.text.length > LONGEST_LIST ? list.index + LONGEST_LIST : undefined;
}
