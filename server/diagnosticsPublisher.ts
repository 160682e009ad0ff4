import type { ClientCapabilities, Connection, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Catalog } from './catalog/catalog';
import type { LanguageService } from './language/service';
import { diagnosticsToTell } from './limits';
import { inBackground } from './runSafe';

/** A catalog learns many modules one after another: the editor is told once. */
const GATHER_MS = 20;

/**
 * Keeps an editor's diagnostics and inlay hints right when the catalog or the C sources tell something new: asks it
 * to pull again. Editors that do not pull diagnostics (Emacs' eglot, older Neovim) get them pushed, after each change
 * as well.
 */
export class DiagnosticsPublisher {
  private gathering: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
    private readonly service: LanguageService,
    private readonly facts: readonly Pick<Catalog, 'onDidChange'>[],
  ) {}

  start(capabilities: ClientCapabilities): void {
    const pulls = capabilities.textDocument?.diagnostic !== undefined;
    const refreshes = capabilities.workspace?.diagnostics?.refreshSupport === true;
    const refreshesHints = capabilities.workspace?.inlayHint?.refreshSupport === true;
    if (!pulls) {
      this.documents.onDidChangeContent(({ document }) => this.#push(document));
      this.documents.onDidClose(({ document }) => this.#send(document, []));
    }
    const gather = (): void => {
      this.gathering ??= setTimeout(() => {
        this.gathering = undefined;
        const { console, languages } = this.connection;
        if (!pulls) this.documents.all().forEach((document) => this.#push(document));
        else if (refreshes) inBackground(console, 'refresh', languages.diagnostics.refresh());
        if (refreshesHints) inBackground(console, 'refresh', languages.inlayHint.refresh());
      }, GATHER_MS);
    };
    for (const each of this.facts) each.onDidChange(gather);
  }

  #push(document: TextDocument): void {
    this.#send(document, diagnosticsToTell(document, this.service));
  }

  #send({ uri, version }: TextDocument, diagnostics: ReturnType<LanguageService['validate']>): void {
    const sent = this.connection.sendDiagnostics({ uri, version, diagnostics });
    inBackground(this.connection.console, 'diagnostics', sent);
  }
}
