import {
  BulkRegistration,
  CompletionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  HoverRequest,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type Connection,
} from 'vscode-languageserver';

/**
 * Asks an editor for the C files, and for no more than what is done in them: as a formatter or a renamer of C this
 * server would stand in clangd's way. An editor that can not be asked sends what it is set up to.
 */
export async function registerSources(
  connection: Connection,
  capabilities: ClientCapabilities,
): Promise<void> {
  const { synchronization, completion, hover, diagnostic } = capabilities.textDocument ?? {};
  if (![synchronization, completion, hover, diagnostic].every((can) => can?.dynamicRegistration === true))
    return;
  const documentSelector = [{ language: 'c', scheme: 'file' }];
  const registrations = BulkRegistration.create();
  registrations.add(DidOpenTextDocumentNotification.type, { documentSelector });
  registrations.add(DidChangeTextDocumentNotification.type, {
    documentSelector,
    syncKind: TextDocumentSyncKind.Incremental,
  });
  registrations.add(DidCloseTextDocumentNotification.type, { documentSelector });
  registrations.add(CompletionRequest.type, { documentSelector, triggerCharacters: ['"', '('] });
  registrations.add(HoverRequest.type, { documentSelector });
  registrations.add(DocumentDiagnosticRequest.type, {
    documentSelector,
    identifier: 'kmod-c',
    interFileDependencies: true,
    workspaceDiagnostics: false,
  });
  await connection.client.register(registrations);
}
