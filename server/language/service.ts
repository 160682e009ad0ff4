import type { TextDocument } from 'vscode-languageserver-textdocument';
import type {
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Position,
} from 'vscode-languageserver-types';
import type { Catalog } from '../catalog/catalog';
import { SyntaxCache } from './documents';
import { Completions } from './features/completion';
import { Diagnostics } from './features/diagnostics';
import { Hovers } from './features/hover';
import { DocumentSymbols } from './features/symbols';

/** The languages modprobe, depmod and modules-load, without an editor, a connection or a file system. */
export interface LanguageService {
  /** Never waits: what the catalog does not know yet is left out. */
  validate(document: TextDocument): Diagnostic[];
  /** @throws when the modules cannot be read; the signal's reason */
  complete(document: TextDocument, position: Position, signal: AbortSignal): Promise<CompletionItem[]>;
  /** Fills in what complete() left out of an item. */
  resolveCompletion(item: CompletionItem, signal: AbortSignal): Promise<CompletionItem>;
  hover(document: TextDocument, position: Position, signal: AbortSignal): Promise<Hover | undefined>;
  symbols(document: TextDocument): DocumentSymbol[];
}

export interface LanguageServiceOptions {
  readonly catalog: Catalog;
}

export function createLanguageService({ catalog }: LanguageServiceOptions): LanguageService {
  const syntaxes = new SyntaxCache();
  const diagnostics = new Diagnostics(syntaxes, catalog);
  const completions = new Completions(syntaxes, catalog);
  const hovers = new Hovers(syntaxes, catalog);
  const symbols = new DocumentSymbols(syntaxes);
  return Object.freeze({
    validate: (document: TextDocument) => diagnostics.of(document),
    complete: (document: TextDocument, position: Position, signal: AbortSignal) =>
      completions.at(document, position, signal),
    resolveCompletion: (item: CompletionItem, signal: AbortSignal) => completions.resolve(item, signal),
    hover: (document: TextDocument, position: Position, signal: AbortSignal) =>
      hovers.at(document, position, signal),
    symbols: (document: TextDocument) => symbols.of(document),
  });
}
