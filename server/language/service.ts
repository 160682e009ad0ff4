import type { TextDocument, TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CodeAction,
  CodeActionContext,
  CodeLens,
  CompletionItem,
  CompletionList,
  Diagnostic,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  Position,
  Range,
  SemanticTokens,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
  WorkspaceSymbol,
} from 'vscode-languageserver-types';
import type { Markdown } from '../../kmod/markdown';
import type { Catalog } from '../catalog/catalog';
import type { ModuleSources } from './c/sources';
import { SyntaxCache } from './documents';
import { CallHierarchies } from './features/callHierarchy';
import { CodeActions } from './features/codeActions';
import { CodeLenses } from './features/codeLens';
import { Completions, type CompletionOptions } from './features/completion';
import { Definitions } from './features/definition';
import { Diagnostics } from './features/diagnostics';
import { DocumentLinks, type Files } from './features/documentLinks';
import { explain, type Probes } from './features/explain';
import { Findings } from './features/findings';
import { Folding } from './features/folding';
import { Formatting } from './features/formatting';
import { Hovers } from './features/hover';
import { InlayHints } from './features/inlayHints';
import { References } from './features/references';
import { Rename } from './features/rename';
import { WordTokens } from './features/semanticTokens';
import { SignatureHelps } from './features/signatureHelp';
import { DocumentSymbols } from './features/symbols';
import { WorkspaceSymbols } from './features/workspaceSymbols';
import { Project, type ConfigFiles } from './project';
import { NO_NEIGHBOURS, type Neighbours } from './neighbours';
import type { DiagnosticSettings } from './settings';

/** The languages modprobe, depmod and modules-load, without an editor, a connection or a file system. */
export interface LanguageService {
  configure(settings: DiagnosticSettings): void;
  /**
   * Changes the text of a document. Whoever changes it otherwise, has all of it looked at again.
   * @returns the same document
   */
  edit(
    document: TextDocument,
    changes: readonly TextDocumentContentChangeEvent[],
    version: number,
  ): TextDocument;
  /** Never waits: what the catalog does not know yet is left out. @param most of so many, the first ones */
  validate(document: TextDocument, most?: number): Diagnostic[];
  /** The fixes of what was found in a range. @throws when the modules cannot be read; the signal's reason */
  codeActions(
    document: TextDocument,
    range: Range,
    context: CodeActionContext,
    signal: AbortSignal,
  ): Promise<CodeAction[]>;
  /** @throws when the modules cannot be read; the signal's reason */
  complete(
    document: TextDocument,
    position: Position,
    signal: AbortSignal,
    options?: CompletionOptions,
  ): Promise<CompletionList>;
  /** Fills in what complete() left out of an item. */
  resolveCompletion(item: CompletionItem, signal: AbortSignal): Promise<CompletionItem>;
  hover(document: TextDocument, position: Position, signal: AbortSignal): Promise<Hover | undefined>;
  signatureHelp(
    document: TextDocument,
    position: Position,
    signal: AbortSignal,
  ): Promise<SignatureHelp | undefined>;
  definition(document: TextDocument, position: Position, signal: AbortSignal): Promise<Location[]>;
  references(document: TextDocument, position: Position, includesDeclaration: boolean): Promise<Location[]>;
  /** undefined: what stands there can not be renamed. */
  prepareRename(document: TextDocument, position: Position): Range | undefined;
  /** @throws RenameError */
  rename(document: TextDocument, position: Position, newName: string): Promise<WorkspaceEdit | undefined>;
  /** The name at a position; the other two say what brings it, and what it brings. */
  prepareCallHierarchy(document: TextDocument, position: Position): Promise<CallHierarchyItem[]>;
  /** @param document the one that the item was prepared in @throws when the modules cannot be read; the signal's reason */
  incomingCalls(
    document: TextDocument,
    item: CallHierarchyItem,
    signal: AbortSignal,
  ): Promise<CallHierarchyIncomingCall[]>;
  outgoingCalls(
    document: TextDocument,
    item: CallHierarchyItem,
    signal: AbortSignal,
  ): Promise<CallHierarchyOutgoingCall[]>;
  symbols(document: TextDocument): DocumentSymbol[];
  workspaceSymbols(query: string): Promise<WorkspaceSymbol[]>;
  /** @throws when the modules cannot be read; the signal's reason */
  inlayHints(document: TextDocument, range: Range, signal: AbortSignal): Promise<InlayHint[]>;
  codeLenses(document: TextDocument): Promise<CodeLens[]>;
  /**
   * What `modprobe NAME` would do, as a Markdown document; undefined: no system is known.
   * @throws when its modules cannot be read
   */
  explain(name: string): Promise<Markdown | undefined>;
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
  /** Left out: each document stands alone. */
  readonly configFiles?: ConfigFiles;
  /** The C sources of modules; left out: none are known. */
  readonly sources?: Pick<ModuleSources, 'find'>;
  readonly probes?: Probes;
  /** The commands that the editor has for fixes; left out: none. */
  readonly editorCommands?: () => readonly string[];
}

const NOTHING = { find: () => Promise.resolve(undefined) };

export function createLanguageService({
  catalog,
  neighbours = NO_NEIGHBOURS,
  files = NOTHING,
  configFiles,
  sources = NOTHING,
  probes,
  editorCommands = () => [],
}: LanguageServiceOptions): LanguageService {
  const syntaxes = new SyntaxCache();
  const project = new Project(syntaxes, configFiles);
  const findings = new Findings(syntaxes, catalog, neighbours);
  const diagnostics = new Diagnostics(findings);
  const codeActions = new CodeActions(findings, catalog, editorCommands);
  const completions = new Completions(syntaxes, catalog, project);
  const signatureHelps = new SignatureHelps(syntaxes, catalog);
  const hovers = new Hovers(syntaxes, catalog, project);
  const definitions = new Definitions(syntaxes, project, sources);
  const references = new References(syntaxes, project);
  const rename = new Rename(syntaxes, references);
  const callHierarchies = new CallHierarchies(syntaxes, project, catalog);
  const symbols = new DocumentSymbols(syntaxes);
  const workspaceSymbols = new WorkspaceSymbols(project);
  const inlayHints = new InlayHints(syntaxes, project, catalog);
  const codeLenses = new CodeLenses(syntaxes, project);
  const folding = new Folding(syntaxes);
  const semanticTokens = new WordTokens(syntaxes);
  const documentLinks = new DocumentLinks(syntaxes, files);
  const formatting = new Formatting(syntaxes);
  const service: LanguageService = {
    configure: (settings) => findings.configure(settings),
    edit: (document, changes, version) => syntaxes.edit(document, changes, version),
    validate: (document, most) => diagnostics.of(document, most),
    codeActions: (document, range, context, signal) => codeActions.in(document, range, context, signal),
    complete: (document, position, signal, options) => completions.at(document, position, signal, options),
    resolveCompletion: (item, signal) => completions.resolve(item, signal),
    signatureHelp: (document, position, signal) => signatureHelps.at(document, position, signal),
    hover: (document, position, signal) => hovers.at(document, position, signal),
    definition: (document, position, signal) => definitions.at(document, position, signal),
    references: (document, position, includesDeclaration) =>
      references.at(document, position, includesDeclaration),
    prepareRename: (document, position) => rename.prepare(document, position),
    rename: (document, position, newName) => rename.at(document, position, newName),
    prepareCallHierarchy: (document, position) => callHierarchies.prepare(document, position),
    incomingCalls: (document, item, signal) => callHierarchies.incoming(document, item, signal),
    outgoingCalls: (document, item, signal) => callHierarchies.outgoing(document, item, signal),
    symbols: (document) => symbols.of(document),
    workspaceSymbols: (query) => workspaceSymbols.matching(query),
    inlayHints: (document, range, signal) => inlayHints.in(document, range, signal),
    codeLenses: (document) => codeLenses.of(document),
    explain: async (name) => probes && explain(name, await probes.plan(name, syntaxes.kmod)),
    foldingRanges: (document) => folding.of(document),
    semanticTokens: (document) => semanticTokens.of(document),
    documentLinks: (document) => documentLinks.of(document),
    format: (document, range) => formatting.of(document, range),
  };
  return Object.freeze(service);
}
