import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from 'vscode-languageserver-types';
import type { Span } from '../../kmod/config/lines';
import { parseConfig } from '../../kmod/config/parse';
import type { ConfigSyntax } from '../../kmod/config/syntax';
import { NEWEST_KMOD, type KmodVersion } from '../../kmod/config/versions';
import { languageOf } from './languageOf';

/** Parses each version of a document once. */
export class SyntaxCache {
  /** The kmod that reads the files. */
  kmod: KmodVersion = NEWEST_KMOD;
  readonly #parsed = new WeakMap<
    TextDocument,
    { readonly version: number; readonly kmod: KmodVersion; readonly syntax: ConfigSyntax }
  >();

  /** undefined: the document is in no language of ours. */
  get(document: TextDocument): ConfigSyntax | undefined {
    const cached = this.#parsed.get(document);
    if (cached?.version === document.version && cached.kmod === this.kmod) return cached.syntax;
    const language = languageOf(document.languageId, document.uri);
    if (language === undefined) return undefined;
    const syntax = parseConfig(language, document.getText(), this.kmod);
    this.#parsed.set(document, { version: document.version, kmod: this.kmod, syntax });
    return syntax;
  }
}

export function rangeOf(document: TextDocument, span: Span): Range {
  return { start: document.positionAt(span.start), end: document.positionAt(span.end) };
}
