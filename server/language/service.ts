import type { TextDocument } from 'vscode-languageserver-textdocument';
import type {
  CodeAction,
  CodeActionContext,
  CompletionItem,
  Diagnostic,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  Position,
  Range,
  SemanticTokens,
  SignatureHelp,
  TextEdit,
} from 'vscode-languageserver-types';
import type { Catalog } from '../catalog/catalog';
import { SyntaxCache } from './documents';
import { CodeActions } from './features/codeActions';
import { Completions } from './features/completion';
import { Diagnostics } from './features/diagnostics';
import { DocumentLinks, type Files } from './features/documentLinks';
import { Findings } from './features/findings';
import { Folding } from './features/folding';
import { Formatting } from './features/formatting';
import { Hovers } from './features/hover';
import { WordTokens } from './features/semanticTokens';
import { SignatureHelps } from './features/signatureHelp';
import { DocumentSymbols } from './features/symbols';
import { NO_NEIGHBOURS, type Neighbours } from './neighbours';
import type { DiagnosticSettings } from './settings';

/** The languages modprobe, depmod and modules-load, without an editor, a connection or a file system. */
export interface LanguageService {
  configure(settings: DiagnosticSettings): void;
  /** Never waits: what the catalog does not know yet is left out. */
  validate(document: TextDocument): Diagnostic[];
  /** The fixes of what was found in a range. @throws when the modules cannot be read; the signal's reason */
  codeActions(
    document: TextDocument,
    range: Range,
    context: CodeActionContext,
    signal: AbortSignal,
  ): Promise<CodeAction[]>;
  /** @throws when the modules cannot be read; the signal's reason */
  complete(document: TextDocument, position: Position, signal: AbortSignal): Promise<CompletionItem[]>;
  /** Fills in what complete() left out of an item. */
  resolveCompletion(item: CompletionItem, signal: AbortSignal): Promise<CompletionItem>;
  hover(document: TextDocument, position: Position, signal: AbortSignal): Promise<Hover | undefined>;
  signatureHelp(
    document: TextDocument,
    position: Position,
    signal: AbortSignal,
  ): Promise<SignatureHelp | undefined>;
  symbols(document: TextDocument): DocumentSymbol[];
  foldingRanges(document: TextDocument): FoldingRange[];
  semanticTokens(document: TextDocument): SemanticTokens;
  documentLinks(document: TextDocument): Promise<DocumentLink[]>;
  /** @param range of the lines to format; all of them when it is left out */
  format(document: TextDocument, range?: Range): TextEdit[];
}

export interface LanguageServiceOptions {
  readonly catalog: Catalog;
  /** Left out: each file is taken alone. */
  readonly neighbours?: Neighbours;
  /** Left out: no file is known. */
  readonly files?: Files;
}

const NO_FILES: Files = { find: () => Promise.resolve(undefined) };

export function createLanguageService({
  catalog,
  neighbours = NO_NEIGHBOURS,
  files = NO_FILES,
}: LanguageServiceOptions): LanguageService {
  const syntaxes = new SyntaxCache();
  const findings = new Findings(syntaxes, catalog, neighbours);
  const diagnostics = new Diagnostics(findings);
  const codeActions = new CodeActions(findings, catalog);
  const completions = new Completions(syntaxes, catalog);
  const signatureHelps = new SignatureHelps(syntaxes, catalog);
  const hovers = new Hovers(syntaxes, catalog);
  const symbols = new DocumentSymbols(syntaxes);
  const folding = new Folding(syntaxes);
  const semanticTokens = new WordTokens(syntaxes);
  const documentLinks = new DocumentLinks(syntaxes, files);
  const formatting = new Formatting(syntaxes);
  const service: LanguageService = {
    configure: (settings) => findings.configure(settings),
    validate: (document) => diagnostics.of(document),
    codeActions: (document, range, context, signal) => codeActions.in(document, range, context, signal),
    complete: (document, position, signal) => completions.at(document, position, signal),
    resolveCompletion: (item, signal) => completions.resolve(item, signal),
    signatureHelp: (document, position, signal) => signatureHelps.at(document, position, signal),
    hover: (document, position, signal) => hovers.at(document, position, signal),
    symbols: (document) => symbols.of(document),
    foldingRanges: (document) => folding.of(document),
    semanticTokens: (document) => semanticTokens.of(document),
    documentLinks: (document) => documentLinks.of(document),
    format: (document, range) => formatting.of(document, range),
  };
  return Object.freeze(service);
}
