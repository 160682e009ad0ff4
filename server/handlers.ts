import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type DocumentDiagnosticReport,
  type TextDocumentIdentifier,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FirstLook } from './firstLook';
import { diagnosticsToTell, isTooLarge } from './limits';
import { RenameError } from './language/features/rename';
import type { LanguageService } from './language/service';
import { Explain, type ExplainParams, type ExplainResult } from './protocol';
import { runSafe } from './runSafe';

const DIAGNOSTICS = 'diagnostics';

/** Answers an editor's requests with the language service; one that fails is logged, and answered with nothing. */
export function answerRequests(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  service: LanguageService,
  capabilities: () => ClientCapabilities,
  firstLook: FirstLook,
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
        if (document === undefined || (isTooLarge(document) && request !== DIAGNOSTICS)) return fallback;
        return (await work(document, params, signal)) ?? fallback;
      });

  connection.languages.diagnostics.on(
    about<{ textDocument: TextDocumentIdentifier }, DocumentDiagnosticReport>(
      DIAGNOSTICS,
      { kind: 'full', items: [] },
      async (document) => {
        await firstLook.wait(document, () => diagnosticsToTell(document, service));
        return { kind: 'full', items: diagnosticsToTell(document, service) };
      },
    ),
  );
  connection.onCodeAction(
    about('code actions', [], (document, { range, context }, signal) =>
      service.codeActions(document, range, context, signal),
    ),
  );
  connection.onCompletion(
    about('completion', { isIncomplete: false, items: [] }, (document, { position }, signal) => {
      const item = capabilities().textDocument?.completion?.completionItem;
      return service.complete(document, position, signal, { snippets: item?.snippetSupport === true });
    }),
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
  connection.onDefinition(
    about('definition', [], (document, { position }, signal) =>
      service.definition(document, position, signal),
    ),
  );
  connection.onReferences(
    about('references', [], (document, { position, context }) =>
      service.references(document, position, context.includeDeclaration),
    ),
  );
  connection.onPrepareRename(
    about('rename', null, (document, { position }) => service.prepareRename(document, position)),
  );
  connection.onRenameRequest(
    about('rename', null, (document, { position, newName }) =>
      service.rename(document, position, newName).catch((error: unknown) => {
        throw error instanceof RenameError
          ? new ResponseError(LSPErrorCodes.RequestFailed, error.message)
          : error;
      }),
    ),
  );
  const { callHierarchy } = connection.languages;
  callHierarchy.onPrepare(
    about('call hierarchy', [], (document, { position }) => service.prepareCallHierarchy(document, position)),
  );
  callHierarchy.onIncomingCalls(({ item }, token) =>
    runSafe(logger, 'call hierarchy', token, [], async (signal) => {
      const document = documents.get(String(item.data));
      return document === undefined ? [] : service.incomingCalls(document, item, signal);
    }),
  );
  callHierarchy.onOutgoingCalls(({ item }, token) =>
    runSafe(logger, 'call hierarchy', token, [], async (signal) => {
      const document = documents.get(String(item.data));
      return document === undefined ? [] : service.outgoingCalls(document, item, signal);
    }),
  );
  connection.onWorkspaceSymbol(({ query }, token) =>
    runSafe(logger, 'workspace symbols', token, [], () => service.workspaceSymbols(query)),
  );
  connection.languages.inlayHint.on(
    about('inlay hints', [], (document, { range }, signal) => service.inlayHints(document, range, signal)),
  );
  connection.onCodeLens(about('code lenses', [], (document) => service.codeLenses(document)));
  connection.onRequest(Explain, ({ name }: ExplainParams, token: CancellationToken) =>
    runSafe<ExplainResult>(logger, `explain modprobe ${name}`, token, null, async () => {
      const markdown = await service.explain(name);
      return markdown === undefined ? null : { markdown: markdown.source };
    }),
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
