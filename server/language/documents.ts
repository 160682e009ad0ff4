import { TextDocument, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import type { Range } from 'vscode-languageserver-types';
import { EditableSyntax, mergeChanges, type TextChange } from '../../kmod/config/edit';
import type { Span } from '../../kmod/config/lines';
import type { ConfigNode, ConfigSyntax } from '../../kmod/config/syntax';
import { NEWEST_KMOD, type KmodVersion } from '../../kmod/config/versions';
import { languageOf } from './languageOf';

interface Parsed {
  readonly kmod: KmodVersion;
  readonly editable: EditableSyntax;
  /** Of the document that `editable` is of. */
  version: number;
  /** What happened to the text since. */
  pending: TextChange | undefined;
}

/** Parses a document once, and then only the lines that change. */
export class SyntaxCache {
  /** The kmod that reads the files. */
  kmod: KmodVersion = NEWEST_KMOD;
  readonly #parsed = new WeakMap<TextDocument, Parsed>();

  /** undefined: the document is in no language of ours. */
  get(document: TextDocument): ConfigSyntax | undefined {
    return this.editable(document)?.syntax;
  }

  /** The same for a document as long as it is only edited by edit(). */
  editable(document: TextDocument): EditableSyntax | undefined {
    const parsed = this.#parsed.get(document);
    if (parsed?.version === document.version && parsed.kmod === this.kmod) {
      if (parsed.pending !== undefined) parsed.editable.change(parsed.pending, document.getText());
      parsed.pending = undefined;
      return parsed.editable;
    }
    const language = languageOf(document.languageId, document.uri);
    if (language === undefined) return undefined;
    const editable = new EditableSyntax(language, document.getText(), this.kmod);
    this.#parsed.set(document, {
      kmod: this.kmod,
      editable,
      version: document.version,
      pending: undefined,
    });
    return editable;
  }

  /** Changes the text of a document. @returns the same document */
  edit(
    document: TextDocument,
    changes: readonly TextDocumentContentChangeEvent[],
    version: number,
  ): TextDocument {
    const parsed = this.#parsed.get(document);
    const follows = parsed?.version === document.version;
    for (const change of changes) {
      const made = textChange(document, change);
      TextDocument.update(document, [change], version);
      if (!follows) continue;
      parsed.pending = parsed.pending === undefined ? made : mergeChanges(parsed.pending, made);
    }
    if (follows) parsed.version = version;
    return document;
  }
}

function textChange(document: TextDocument, change: TextDocumentContentChangeEvent): TextChange {
  if (!('range' in change)) {
    return { start: 0, oldEnd: document.getText().length, newEnd: change.text.length };
  }
  const places = [document.offsetAt(change.range.start), document.offsetAt(change.range.end)];
  const start = Math.min(...places);
  return { start, oldEnd: Math.max(...places), newEnd: start + change.text.length };
}

/** Characters: VS Code colours no longer line (editor.maxTokenizationLineLength). */
const LONGEST_LINE = 20_000;

/** Does a person see what is drawn in a line, and beside its words? */
export const isDrawn = ({ line }: ConfigNode): boolean => line.end - line.start <= LONGEST_LINE;

export function rangeOf(document: TextDocument, span: Span): Range {
  return { start: document.positionAt(span.start), end: document.positionAt(span.end) };
}
