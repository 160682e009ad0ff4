import {
  createConnection,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

/**
 * The least that a language server made of the same libraries can do, on stdio: it answers every request for
 * diagnostics with the same report of none.
 * @param keepsText it keeps the text of documents as TextDocuments does; else changes are thrown away
 */
export function startEcho(keepsText: boolean): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      diagnosticProvider: { interFileDependencies: false, workspaceDiagnostics: false },
    },
  }));
  connection.languages.diagnostics.on(() => ({ kind: 'full', items: [] }));
  if (keepsText) new TextDocuments(TextDocument).listen(connection);
  else connection.onDidChangeTextDocument(() => undefined);
  connection.listen();
}
