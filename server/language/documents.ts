import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from 'vscode-languageserver-types';
import type { Span } from '../../kmod/config/lines';
import { parseConfig } from '../../kmod/config/parse';
import type { ConfigSyntax } from '../../kmod/config/syntax';
import { languageOf } from './languageOf';

/** Parses each version of a document once. */
export class SyntaxCache {
  readonly #parsed = new WeakMap<TextDocument, { version: number; syntax: ConfigSyntax }>();

  /** undefined: the document is in no language of ours. */
  get(document: TextDocument): ConfigSyntax | undefined {
    const cached = this.#parsed.get(document);
    if (cached?.version === document.version) return cached.syntax;
    const language = languageOf(document.languageId, document.uri);
    if (language === undefined) return undefined;
    const syntax = parseConfig(language, document.getText());
    this.#parsed.set(document, { version: document.version, syntax });
    return syntax;
  }
}

export function rangeOf(document: TextDocument, span: Span): Range {
  return { start: document.positionAt(span.start), end: document.positionAt(span.end) };
}
