import type * as vscode from 'vscode';
import { readWebviewFiles, webviewPage, type WebviewFiles, type WebviewStart } from '../webviewPage';
import { boundedPage, boundedTable } from './bounds';
import { toHtml } from './drawing/markup';
import { problemMarkup } from './drawing/page';
import { startOfPage } from './drawing/start';
import type { FromWebview, Page, Problem, ToWebview } from './page';
import { pageText } from './pageText';

export interface PageContent {
  /** Shows a page as soon as it is known, and again, with more in its tables, when more was found out. */
  readonly make: (show: (page: Page) => void) => Promise<void>;
  readonly problemOf: (error: unknown) => Problem;
  /** What a person asked for in the page. */
  readonly onRequest: (request: Exclude<FromWebview, { kind: 'ready' }>) => Promise<void>;
  /** What a panel that is no custom editor is made from again in the next window, as JSON. */
  readonly memory?: object;
}

type Shown =
  { readonly kind: 'page'; readonly page: Page } | { readonly kind: 'problem'; readonly problem: Problem };

/** A file that is read for longer than this gets an empty page meanwhile. Milliseconds. */
const PATIENCE = 150;

/**
 * A webview panel that shows a page. The page is in the panel's HTML when it is set, so that it is painted before its
 * script has said anything; the script then takes it over.
 */
export class PageView {
  private shown: Shown | undefined;
  /** The page's script runs, and takes messages. */
  private live = false;
  /** There is HTML, or will be at once. */
  private started = false;
  private disposed = false;
  private round = 0;
  private readonly files: Promise<WebviewFiles>;

  constructor(
    readonly panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    private readonly content: PageContent,
  ) {
    this.files = readWebviewFiles(extension.fsPath, 'moduleViewer');
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [] };
    webview.onDidReceiveMessage((message: FromWebview) => {
      if (message.kind === 'ready') {
        this.live = true;
        this.postShown();
      } else {
        void content.onRequest(message);
      }
    });
    panel.onDidChangeViewState(() => {
      // A page that is hidden is thrown away, and begins with its HTML when it is shown again.
      this.live &&= panel.visible;
    });
    const patience = setTimeout(() => void this.start(), PATIENCE);
    panel.onDidDispose(() => {
      this.disposed = true;
      clearTimeout(patience);
    });
    void this.update();
  }

  /** What is shown, as text; undefined while nothing can be shown. */
  text(): string | undefined {
    return this.shown?.kind === 'page' ? pageText(this.shown.page) : undefined;
  }

  /** Makes the page anew; a round that is overtaken shows nothing any more. */
  async update(): Promise<void> {
    const round = ++this.round;
    let first = true;
    try {
      await this.content.make((page) => {
        if (round === this.round) {
          const known = this.shown;
          this.shown = { kind: 'page', page };
          if (first || known?.kind !== 'page') {
            this.present();
          } else {
            this.postTables(known.page, page);
          }
          first = false;
        }
      });
    } catch (error) {
      if (round === this.round) {
        this.shown = { kind: 'problem', problem: this.content.problemOf(error) };
        this.present();
      }
    }
  }

  private present(): void {
    if (this.live) {
      this.postShown();
    } else if (!this.started || !this.panel.visible) {
      void this.start();
    }
  }

  /** Sets the HTML; what is told while the script is not there yet, the script is told when it is. */
  private async start(): Promise<void> {
    if (this.started && this.panel.visible) {
      return;
    }
    this.started = true;
    const files = await this.files;
    if (!this.disposed) {
      this.panel.webview.html = webviewPage(files, this.beginning(), this.content.memory);
    }
  }

  private beginning(): WebviewStart | undefined {
    switch (this.shown?.kind) {
      case 'page':
        return startOfPage(boundedPage(this.shown.page));
      case 'problem':
        return { style: '', body: toHtml(problemMarkup(this.shown.problem)) };
      case undefined:
        return undefined;
    }
  }

  private postShown(): void {
    const { shown } = this;
    if (shown !== undefined) {
      this.post(shown.kind === 'page' ? { kind: 'page', page: boundedPage(shown.page) } : shown);
    }
  }

  /** Of a page that is shown already only what is new. */
  private postTables(known: Page, page: Page): void {
    if (this.live) {
      const tables = page.tables.filter((table) => !known.tables.includes(table)).map(boundedTable);
      this.post({ kind: 'tables', tables });
    }
  }

  private post(message: ToWebview): void {
    void this.panel.webview.postMessage(message);
  }
}
