import type { Backslash } from '../../../kmod/config/lines';
import type { ConfigNode } from '../../../kmod/config/syntax';
import { finding, type Check, type Finding } from './finding';

/** Backslashes that do not do what they seem to do. */
export const continuationTraps: Check = function* ({ syntax }) {
  for (const node of syntax.nodes) {
    for (const backslash of node.line.backslashes) {
      const trap =
        node.kind === 'comment'
          ? inComment(node, backslash, syntax.source)
          : inText(backslash, syntax.source);
      if (trap !== undefined) yield trap;
    }
  }
};

function inComment(node: ConfigNode, { kind, offset }: Backslash, source: string): Finding | undefined {
  if (kind !== 'continuation') return undefined;
  const swallowed = physicalLine(source, offset + 2, node.line.end);
  // A swallowed comment is no loss.
  if (/^\s*(#|$)/.test(swallowed)) return undefined;
  return finding(
    'continuation-trap',
    { start: offset, end: offset + 1 },
    `this comment ends in \\ and swallows the next line ('${swallowed.trim()}'): delete the backslash`,
  );
}

function inText({ kind, offset }: Backslash, source: string): Finding | undefined {
  if (kind === 'end') {
    return finding(
      'continuation-trap',
      { start: offset, end: offset + 1 },
      'this backslash ends the file: nothing follows on; delete it',
    );
  }
  const rest = physicalLine(source, kind === 'continuation' ? offset + 2 : offset + 1, source.length);
  if (kind === 'escape') {
    return /^[ \t\r]+$/.test(rest)
      ? finding(
          'continuation-trap',
          { start: offset, end: offset + 1 + rest.length },
          'blanks after the backslash: the next line does not continue this one; delete them',
        )
      : undefined;
  }
  const start = offset + 2 + rest.search(/\S|$/);
  return rest.trimStart().startsWith('#')
    ? finding(
        'continuation-trap',
        { start, end: offset + 2 + rest.length },
        'the line before continues here: this is no comment but part of it; move the comment away',
      )
    : undefined;
}

function physicalLine(source: string, start: number, limit: number): string {
  const end = source.indexOf('\n', start);
  return source.slice(start, end < 0 ? limit : Math.min(end, limit));
}
