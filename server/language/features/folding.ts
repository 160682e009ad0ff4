import type { TextDocument } from 'vscode-languageserver-textdocument';
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver-types';
import type { ConfigNode } from '../../../kmod/config/syntax';
import type { SyntaxCache } from '../documents';

/** What lines next to each other are folded together; undefined: none are. */
type Run = 'comment' | 'blacklist' | undefined;

/** Folds blocks of comments, runs of blacklist lines, and lines that go on behind a backslash. */
export class Folding {
  constructor(private readonly syntaxes: SyntaxCache) {}

  of(document: TextDocument): FoldingRange[] {
    const nodes = this.syntaxes.get(document)?.nodes ?? [];
    const ranges: FoldingRange[] = [];
    let start = 0;
    nodes.forEach((node, index) => {
      const run = runOf(node);
      const next = nodes[index + 1];
      if (run === undefined) ranges.push(...fold(node, node, run));
      if (next === undefined || runOf(next) !== run) {
        const first = nodes[start];
        if (run !== undefined && first !== undefined) ranges.push(...fold(first, node, run));
        start = index + 1;
      }
    });
    return ranges;
  }
}

function runOf(node: ConfigNode): Run {
  if (node.kind === 'comment') return 'comment';
  return node.kind === 'statement' && node.command.text === 'blacklist' ? 'blacklist' : undefined;
}

function fold(first: ConfigNode, last: ConfigNode, run: Run): FoldingRange[] {
  const { firstLine } = first.line;
  const { lastLine } = last.line;
  if (firstLine === lastLine) return [];
  return [
    {
      startLine: firstLine,
      endLine: lastLine,
      ...(run === 'comment' ? { kind: FoldingRangeKind.Comment } : {}),
    },
  ];
}
