import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  SemanticTokenTypes,
  type SemanticTokens,
  type SemanticTokensLegend,
} from 'vscode-languageserver-types';
import { listWords, parseSoftDependencies } from '../../../kmod/config/dependencies';
import { sourceOffset, type LogicalLine, type Span } from '../../../kmod/config/lines';
import { parseParameters } from '../../../kmod/config/parameters';
import { wordSpan, type Argument, type ConfigNode, type Word } from '../../../kmod/config/syntax';
import type { SyntaxCache } from '../documents';

/** The order is that of the legend. */
const TYPES = [
  SemanticTokenTypes.comment,
  SemanticTokenTypes.keyword,
  SemanticTokenTypes.namespace,
  SemanticTokenTypes.regexp,
  SemanticTokenTypes.parameter,
  SemanticTokenTypes.string,
] as const;

type TokenType = (typeof TYPES)[number];

export const SEMANTIC_TOKENS_LEGEND: SemanticTokensLegend = { tokenTypes: [...TYPES], tokenModifiers: [] };

interface Token {
  readonly type: TokenType;
  readonly span: Span;
}

/**
 * What kmod makes of each word, where a grammar that sees one line at a time errs: a comment that swallows the
 * next line, a word behind a continuation. A line that kmod drops has no token.
 */
export class WordTokens {
  constructor(private readonly syntaxes: SyntaxCache) {}

  of(document: TextDocument): SemanticTokens {
    const syntax = this.syntaxes.get(document);
    const tokens = syntax?.nodes.flatMap((node) => tokensOf(node)) ?? [];
    return {
      data: encode(
        document,
        tokens.flatMap((token) => splitAtLineEnds(token, syntax?.source ?? '')),
      ),
    };
  }
}

function tokensOf(node: ConfigNode): Token[] {
  const { line } = node;
  const token = (type: TokenType, word: Word): Token => ({ type, span: wordSpan(line, word) });
  switch (node.kind) {
    case 'blank':
      return [];
    case 'comment':
      return [{ type: SemanticTokenTypes.comment, span: wholeText(line) }];
    case 'module':
      return [token(SemanticTokenTypes.namespace, node.name)];
    case 'statement':
      return node.problem === undefined
        ? [
            token(SemanticTokenTypes.keyword, node.command),
            ...node.arguments.flatMap((a) => argumentTokens(a, token)),
          ]
        : [];
  }
}

function wholeText(line: LogicalLine): Span {
  return { start: line.start, end: sourceOffset(line, line.text.length) };
}

function argumentTokens(argument: Argument, token: (type: TokenType, word: Word) => Token): Token[] {
  const { kind, keywords = [] } = argument.shape;
  switch (kind) {
    case 'module':
    case 'module-or-alias':
    case 'module-pattern':
    case 'module-file':
      return [token(SemanticTokenTypes.namespace, argument)];
    case 'alias-pattern':
    case 'release-pattern':
      return [token(SemanticTokenTypes.regexp, argument)];
    case 'parameters':
      return parseParameters(argument).flatMap(({ name, value }) => [
        token(SemanticTokenTypes.parameter, name),
        ...(value === undefined || value.text === '' ? [] : [token(SemanticTokenTypes.string, value)]),
      ]);
    case 'soft-dependencies':
      return parseSoftDependencies(argument)
        .filter(({ role }) => role !== 'dropped')
        .map((word) =>
          token(word.role === 'marker' ? SemanticTokenTypes.keyword : SemanticTokenTypes.namespace, word),
        );
    case 'module-list':
      return listWords(argument).map((word) => token(SemanticTokenTypes.namespace, word));
    case 'directory':
    case 'absolute-directory':
      return [
        token(
          keywords.includes(argument.text) ? SemanticTokenTypes.keyword : SemanticTokenTypes.string,
          argument,
        ),
      ];
    // A shell command is left to the grammar.
    case 'shell-command':
    case 'flag':
    case 'path':
      return [];
  }
}

/** A token may not go over the end of a line. */
function splitAtLineEnds({ type, span }: Token, source: string): Token[] {
  const pieces: Token[] = [];
  for (let start = span.start; start < span.end;) {
    const feed = source.indexOf('\n', start);
    const end = feed < 0 ? span.end : Math.min(feed, span.end);
    if (end > start) pieces.push({ type, span: { start, end } });
    start = end + 1;
  }
  return pieces;
}

/** Five numbers a token: line and character relative to the one before, length, type, modifiers (LSP 3.17). */
function encode(document: TextDocument, tokens: readonly Token[]): number[] {
  const data: number[] = [];
  let before = { line: 0, character: 0 };
  for (const { type, span } of tokens) {
    const start = document.positionAt(span.start);
    const lines = start.line - before.line;
    const characters = lines === 0 ? start.character - before.character : start.character;
    data.push(lines, characters, span.end - span.start, TYPES.indexOf(type), 0);
    before = start;
  }
  return data;
}
