import type {
  CancellationToken,
  Connection,
  DocumentDiagnosticReport,
  TextDocumentIdentifier,
  TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { LanguageService } from './language/service';
import { runSafe } from './runSafe';

/** Answers an editor's requests with the language service; one that fails is logged, and answered with nothing. */
export function answerRequests(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  service: LanguageService,
): void {
  const logger = connection.console;

  /** A request about one document; the fallback answers for a document that is not open, too. */
  const about =
    <Params extends { textDocument: TextDocumentIdentifier }, Result>(
      request: string,
      fallback: Result,
      work: (
        document: TextDocument,
        params: Params,
        signal: AbortSignal,
      ) => Result | undefined | Promise<Result | undefined>,
    ) =>
    (params: Params, token: CancellationToken): Promise<Result> =>
      runSafe(logger, request, token, fallback, async (signal) => {
        const document = documents.get(params.textDocument.uri);
        return (document && (await work(document, params, signal))) ?? fallback;
      });

  connection.languages.diagnostics.on(
    about<{ textDocument: TextDocumentIdentifier }, DocumentDiagnosticReport>(
      'diagnostics',
      { kind: 'full', items: [] },
      (document) => ({ kind: 'full', items: service.validate(document) }),
    ),
  );
  connection.onCodeAction(
    about('code actions', [], (document, { range, context }, signal) =>
      service.codeActions(document, range, context, signal),
    ),
  );
  connection.onCompletion(
    about('completion', [], (document, { position }, signal) => service.complete(document, position, signal)),
  );
  connection.onCompletionResolve((item, token) =>
    runSafe(logger, 'completion details', token, item, (signal) => service.resolveCompletion(item, signal)),
  );
  connection.onSignatureHelp(
    about('signature help', null, (document, { position }, signal) =>
      service.signatureHelp(document, position, signal),
    ),
  );
  connection.onHover(
    about('hover', null, (document, { position }, signal) => service.hover(document, position, signal)),
  );
  connection.onDocumentSymbol(about('document symbols', [], (document) => service.symbols(document)));
  connection.onFoldingRanges(about('folding', [], (document) => service.foldingRanges(document)));
  connection.onDocumentLinks(about('document links', [], (document) => service.documentLinks(document)));
  connection.onDocumentFormatting(about('formatting', [], (document) => service.format(document)));
  connection.onDocumentRangeFormatting(
    about('formatting', [], (document, { range }) => service.format(document, range)),
  );
  connection.languages.semanticTokens.on(
    about('semantic tokens', { data: [] }, (document) => service.semanticTokens(document)),
  );
}
