import type { TextDocument } from 'vscode-languageserver-textdocument';
import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver-types';
import { wordSpan, type ConfigNode, type ConfigSyntax } from '../../../kmod/config/syntax';
import { rangeOf, type SyntaxCache } from '../documents';

const KINDS: ReadonlyMap<string, SymbolKind> = new Map<string, SymbolKind>([
  ['alias', SymbolKind.Key],
  ['blacklist', SymbolKind.Null],
  ['install', SymbolKind.Event],
  ['remove', SymbolKind.Event],
  ['options', SymbolKind.Property],
  ['softdep', SymbolKind.Interface],
  ['weakdep', SymbolKind.Interface],
]);

/** Longer details say no more in an outline. */
const MAX_DETAIL = 100;

/** The lines that count, in order; a line that kmod drops is none of them. */
export class DocumentSymbols {
  constructor(private readonly syntaxes: SyntaxCache) {}

  of(document: TextDocument): DocumentSymbol[] {
    const syntax = this.syntaxes.get(document);
    return syntax === undefined ? [] : symbolsOf(document, syntax);
  }
}

export function symbolsOf(document: TextDocument, { nodes }: ConfigSyntax): DocumentSymbol[] {
  return nodes.flatMap((node) => symbolOf(document, node));
}

function symbolOf(document: TextDocument, node: ConfigNode): DocumentSymbol[] {
  const range = rangeOf(document, node.line);
  if (node.kind === 'module') {
    const selectionRange = rangeOf(document, wordSpan(node.line, node.name));
    return [{ name: node.name.text, kind: SymbolKind.Module, range, selectionRange }];
  }
  if (node.kind !== 'statement' || node.problem !== undefined) return [];
  const [subject, ...others] = node.arguments;
  return [
    {
      name: [node.command.text, subject?.text].join(' ').trim(),
      detail: others
        .map((argument) => argument.text.trim())
        .join(' ')
        .slice(0, MAX_DETAIL),
      kind: KINDS.get(node.command.text) ?? SymbolKind.Property,
      range,
      selectionRange: rangeOf(document, wordSpan(node.line, subject ?? node.command)),
    },
  ];
}
