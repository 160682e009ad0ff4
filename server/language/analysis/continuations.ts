import type { Backslash } from '../../../kmod/config/lines';
import type { ConfigNode, ConfigSyntax, Statement } from '../../../kmod/config/syntax';
import { isCommand } from './comments';
import { finding, type Finding, type LineCheck } from './finding';
import { choice, safe } from './fix';

/** Backslashes that do not do what they seem to do. */
export const continuationTraps: LineCheck = function* (node, { syntax }) {
  for (const backslash of node.line.backslashes) {
    const trap =
      node.kind === 'comment'
        ? inComment(node, backslash, syntax.source)
        : (inText(node, backslash, syntax.source) ?? lostBackslash(node, backslash, syntax));
    if (trap !== undefined) yield trap;
  }
};

function inComment(node: ConfigNode, backslash: Backslash, source: string): Finding | undefined {
  const { kind } = backslash;
  const offset = node.line.start + backslash.offset;
  if (kind !== 'continuation') return undefined;
  const swallowed = physicalLine(source, offset + 2, node.line.end);
  // The rest of a line that was commented out is no loss.
  if (!isCommand(swallowed.trim().split(/[ \t]/)[0] ?? '')) return undefined;
  const span = { start: offset, end: offset + 1 };
  return {
    ...finding(
      'continuation-trap',
      span,
      `this comment ends in \\ and swallows the next line ('${swallowed.trim()}'): delete the backslash`,
    ),
    fixes: [choice('Delete the backslash', { span, text: '' })],
  };
}

function inText(node: ConfigNode, backslash: Backslash, source: string): Finding | undefined {
  const { kind } = backslash;
  const offset = node.line.start + backslash.offset;
  if (kind === 'end') {
    const span = { start: offset, end: offset + 1 };
    return {
      ...finding('continuation-trap', span, 'this backslash ends the file: nothing follows on; delete it'),
      fixes: [safe('Delete the backslash', { span, text: '' })],
    };
  }
  const rest = physicalLine(source, kind === 'continuation' ? offset + 2 : offset + 1, source.length);
  if (kind === 'escape') {
    if (!/^[ \t\r]+$/.test(rest)) return undefined;
    const end = offset + 1 + rest.length;
    return {
      ...finding(
        'continuation-trap',
        { start: offset, end },
        'blanks after the backslash: the next line does not continue this one; delete them',
      ),
      fixes: [choice('Delete the blanks', { span: { start: offset + 1, end }, text: '' })],
    };
  }
  if (!rest.trimStart().startsWith('#')) return undefined;
  const start = offset + 2 + rest.search(/\S|$/);
  return {
    ...finding(
      'continuation-trap',
      { start, end: offset + 2 + rest.length },
      'the line before continues here: this is no comment but part of it; move the comment away',
    ),
    fixes: [choice('Delete the backslash in front', { span: { start: offset, end: offset + 1 }, text: '' })],
  };
}

/** A backslash that quotes something for the shell or the module, and that neither of them will see. */
function lostBackslash(
  node: ConfigNode,
  backslash: Backslash,
  { source }: ConfigSyntax,
): Finding | undefined {
  const { kind } = backslash;
  const offset = node.line.start + backslash.offset;
  if (kind !== 'escape' || node.kind !== 'statement' || node.problem !== undefined) return undefined;
  // Twice is how one backslash is written.
  if (source[offset + 1] === '\\') return undefined;
  const span = { start: offset, end: offset + 1 };
  return {
    ...finding('lost-backslash', span, readerOf(node)),
    fixes: [choice('Double the backslash', { span, text: '\\\\' })],
  };
}

function readerOf({ arguments: found }: Statement): string {
  switch (found.at(-1)?.shape.kind) {
    case 'shell-command':
      return 'the shell';
    case 'parameters':
      return 'the module';
    default:
      return 'anything';
  }
}

function physicalLine(source: string, start: number, limit: number): string {
  const end = source.indexOf('\n', start);
  return source.slice(start, end < 0 ? limit : Math.min(end, limit));
}
