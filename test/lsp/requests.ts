import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  CodeActionRequest,
  CodeLensRequest,
  CompletionRequest,
  CompletionResolveRequest,
  DefinitionRequest,
  DocumentDiagnosticRequest,
  DocumentFormattingRequest,
  DocumentLinkRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  SemanticTokensRequest,
  SignatureHelpRequest,
  WorkspaceSymbolRequest,
  type Position,
  type ProtocolConnection,
  type Range,
  type ServerCapabilities,
} from 'vscode-languageserver/node';

/** What is asked about. */
interface Place {
  readonly uri: string;
  readonly position: Position;
  /** Of the document. */
  readonly range: Range;
}

type Ask = (connection: ProtocolConnection, place: Place) => Promise<unknown>;

const options = { tabSize: 4, insertSpaces: true };

/** By what the server says it offers: how an editor asks for it, and for what follows from the answer. */
export const REQUESTS: Readonly<Partial<Record<keyof ServerCapabilities, Ask>>> = {
  callHierarchyProvider: async (connection, { uri, position }) => {
    const about = { textDocument: { uri }, position };
    for (const item of (await connection.sendRequest(CallHierarchyPrepareRequest.type, about)) ?? []) {
      await connection.sendRequest(CallHierarchyIncomingCallsRequest.type, { item });
      await connection.sendRequest(CallHierarchyOutgoingCallsRequest.type, { item });
    }
  },
  codeActionProvider: async (connection, { uri, range }) => {
    const textDocument = { uri };
    const report = await connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument });
    const context = { diagnostics: report.kind === 'full' ? report.items : [] };
    return connection.sendRequest(CodeActionRequest.type, { textDocument, range, context });
  },
  codeLensProvider: (connection, { uri }) =>
    connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } }),
  completionProvider: async (connection, { uri, position }) => {
    const about = { textDocument: { uri }, position };
    const found = await connection.sendRequest(CompletionRequest.type, about);
    const [item] = Array.isArray(found) ? found : (found?.items ?? []);
    return item && connection.sendRequest(CompletionResolveRequest.type, item);
  },
  definitionProvider: (connection, { uri, position }) =>
    connection.sendRequest(DefinitionRequest.type, { textDocument: { uri }, position }),
  diagnosticProvider: (connection, { uri }) =>
    connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } }),
  documentFormattingProvider: (connection, { uri }) =>
    connection.sendRequest(DocumentFormattingRequest.type, { textDocument: { uri }, options }),
  documentLinkProvider: (connection, { uri }) =>
    connection.sendRequest(DocumentLinkRequest.type, { textDocument: { uri } }),
  documentRangeFormattingProvider: (connection, { uri, range }) =>
    connection.sendRequest(DocumentRangeFormattingRequest.type, { textDocument: { uri }, range, options }),
  documentSymbolProvider: (connection, { uri }) =>
    connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri } }),
  foldingRangeProvider: (connection, { uri }) =>
    connection.sendRequest(FoldingRangeRequest.type, { textDocument: { uri } }),
  hoverProvider: (connection, { uri, position }) =>
    connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position }),
  inlayHintProvider: (connection, { uri, range }) =>
    connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range }),
  referencesProvider: (connection, { uri, position }) =>
    connection.sendRequest(ReferencesRequest.type, {
      textDocument: { uri },
      position,
      context: { includeDeclaration: true },
    }),
  renameProvider: async (connection, { uri, position }) => {
    const about = { textDocument: { uri }, position };
    await connection.sendRequest(PrepareRenameRequest.type, about);
    // Where there is nothing to rename, the answer is an error of the server's own.
    await connection
      .sendRequest(RenameRequest.type, { ...about, newName: 'other' })
      .catch((error: unknown) => {
        if (!(error instanceof ResponseError)) throw error;
      });
  },
  semanticTokensProvider: (connection, { uri }) =>
    connection.sendRequest(SemanticTokensRequest.type, { textDocument: { uri } }),
  signatureHelpProvider: (connection, { uri, position }) =>
    connection.sendRequest(SignatureHelpRequest.type, { textDocument: { uri }, position }),
  workspaceSymbolProvider: (connection) =>
    connection.sendRequest(WorkspaceSymbolRequest.type, { query: 'a' }),
};

/** Everything that an editor may ask about a place of a document. Waits until all is answered. */
export async function askAll(connection: ProtocolConnection, place: Place): Promise<void> {
  await Promise.all(Object.values(REQUESTS).map((ask) => ask(connection, place)));
}
