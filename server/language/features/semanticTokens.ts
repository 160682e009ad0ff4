import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  SemanticTokenTypes,
  type SemanticTokens,
  type SemanticTokensLegend,
} from 'vscode-languageserver-types';
import { listWords } from '../../../kmod/config/dependencies';
import { sourceOffset, type LogicalLine, type Span } from '../../../kmod/config/lines';
import { wordSpan, type Argument, type ConfigNode, type Word } from '../../../kmod/config/syntax';
import { optionWords, softdepWords } from '../analysis/lists';
import { isDrawn, type SyntaxCache } from '../documents';

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
    const encoder = new Encoder(document, syntax?.source ?? '');
    for (const node of syntax?.nodes ?? []) {
      if (!isDrawn(node)) continue;
      for (const token of tokensOf(node)) encoder.add(token);
    }
    return { data: encoder.data };
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
      return optionWords(argument).flatMap(({ name, value }) => [
        token(SemanticTokenTypes.parameter, name),
        ...(value === undefined || value.text === '' ? [] : [token(SemanticTokenTypes.string, value)]),
      ]);
    case 'soft-dependencies':
      return softdepWords(argument)
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

/** Five numbers a token: line and character relative to the one before, length, type, modifiers (LSP 3.17). */
class Encoder {
  readonly data: number[] = [];
  #line = 0;
  #character = 0;
  /** Where the line ends that was looked at last. */
  #feed = -1;

  constructor(
    private readonly document: TextDocument,
    private readonly source: string,
  ) {}

  /** @param token behind those that were added before */
  add({ type, span }: Token): void {
    // A token may not go over the end of a line.
    for (let start = span.start; start < span.end;) {
      const end = Math.min(this.#endOfLine(start), span.end);
      if (end > start) this.#push(type, start, end);
      start = end + 1;
    }
  }

  /** Looked for once a line: one line may hold all tokens. */
  #endOfLine(start: number): number {
    if (this.#feed < start) {
      const feed = this.source.indexOf('\n', start);
      this.#feed = feed < 0 ? this.source.length : feed;
    }
    return this.#feed;
  }

  #push(type: TokenType, start: number, end: number): void {
    const { line, character } = this.document.positionAt(start);
    const lines = line - this.#line;
    const characters = lines === 0 ? character - this.#character : character;
    this.data.push(lines, characters, end - start, TYPES.indexOf(type), 0);
    this.#line = line;
    this.#character = character;
  }
}
