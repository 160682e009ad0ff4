import {
  DidChangeConfigurationNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type Connection,
  type DocumentDiagnosticReport,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { CatalogChain } from './catalog/catalogChain';
import { DiagnosticsPublisher } from './diagnosticsPublisher';
import { createLanguageService } from './language/service';
import {
  TargetChanged,
  TargetModulesChanged,
  WorkspaceModulesChanged,
  type TargetChangedParams,
  type WorkspaceModulesChangedParams,
} from './protocol';
import { inBackground, runSafe } from './runSafe';
import { readSettings } from './settings';

/** Serves a connection until it ends. */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const logger = connection.console;
  const catalog = new CatalogChain((method, params) => connection.sendRequest(method, params), logger);
  const service = createLanguageService({ catalog });
  const publisher = new DiagnosticsPublisher(connection, documents, service, catalog);
  let capabilities: ClientCapabilities = {};

  connection.onInitialize((params): InitializeResult => {
    ({ capabilities } = params);
    catalog.choose({ directory: readSettings(params.initializationOptions) });
    return {
      serverInfo: { name: 'kmod-language-server' },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: { triggerCharacters: [' ', '\t'], resolveProvider: true },
        hoverProvider: true,
        documentSymbolProvider: true,
        diagnosticProvider: { identifier: 'kmod', interFileDependencies: false, workspaceDiagnostics: false },
      },
    };
  });

  const readConfiguration = async (): Promise<void> => {
    catalog.choose({ directory: readSettings(await connection.workspace.getConfiguration('kmod')) });
  };
  const asksForConfiguration = () => capabilities.workspace?.configuration === true;

  connection.onInitialized(() => {
    publisher.start(capabilities);
    if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
      const registration = connection.client.register(DidChangeConfigurationNotification.type, {
        section: 'kmod',
      });
      inBackground(
        logger,
        'configuration',
        registration.then(() => undefined),
      );
    }
    if (asksForConfiguration()) inBackground(logger, 'configuration', readConfiguration());
  });
  connection.onDidChangeConfiguration(({ settings }) => {
    if (asksForConfiguration()) inBackground(logger, 'configuration', readConfiguration());
    else catalog.choose({ directory: readSettings((settings as { kmod?: unknown } | null)?.kmod) });
  });
  connection.onNotification(TargetChanged, ({ origin }: TargetChangedParams) => {
    catalog.choose({ target: origin ?? undefined });
  });
  connection.onNotification(WorkspaceModulesChanged, ({ modules }: WorkspaceModulesChangedParams) => {
    catalog.workspace.set(modules);
  });
  connection.onNotification(TargetModulesChanged, () => catalog.choose({}));
  documents.onDidOpen(() => inBackground(logger, 'modules', catalog.refreshIfStale()));

  connection.languages.diagnostics.on(({ textDocument }, token) =>
    runSafe<DocumentDiagnosticReport>(logger, 'diagnostics', token, { kind: 'full', items: [] }, () => {
      const document = documents.get(textDocument.uri);
      return { kind: 'full', items: document === undefined ? [] : service.validate(document) };
    }),
  );
  connection.onCompletion(({ textDocument, position }, token) =>
    runSafe(logger, 'completion', token, [], (signal) => {
      const document = documents.get(textDocument.uri);
      return document === undefined ? [] : service.complete(document, position, signal);
    }),
  );
  connection.onCompletionResolve((item, token) =>
    runSafe(logger, 'completion details', token, item, (signal) => service.resolveCompletion(item, signal)),
  );
  connection.onHover(({ textDocument, position }, token) =>
    runSafe(logger, 'hover', token, null, async (signal) => {
      const document = documents.get(textDocument.uri);
      return (document && (await service.hover(document, position, signal))) ?? null;
    }),
  );
  connection.onDocumentSymbol(({ textDocument }, token) =>
    runSafe(logger, 'document symbols', token, [], () => {
      const document = documents.get(textDocument.uri);
      return document === undefined ? [] : service.symbols(document);
    }),
  );

  documents.listen(connection);
  connection.listen();
}
