import type * as vscode from 'vscode';
import { resourceRoots, webviewShell } from '../webviewShell';
import type { FromWebview, Page, Problem, ToWebview } from './page';
import { boundedPage, boundedTable } from './bounds';
import { pageText } from './pageText';

export interface PageContent {
  /** Shows a page as soon as it is known, and again, with more in its tables, when more was found out. */
  readonly make: (show: (page: Page) => void) => Promise<void>;
  readonly problemOf: (error: unknown) => Problem;
  /** What a person asked for in the page. */
  readonly onRequest: (request: Exclude<FromWebview, { kind: 'ready' }>) => Promise<void>;
}

/** A webview panel that shows a page. */
export class PageView {
  private page: Page | undefined;
  private ready = false;
  private round = 0;

  constructor(
    readonly panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    private readonly content: PageContent,
  ) {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: resourceRoots(extension) };
    webview.onDidReceiveMessage((message: FromWebview) => {
      if (message.kind === 'ready') {
        this.ready = true;
        void this.update();
      } else {
        void content.onRequest(message);
      }
    });
    webview.html = webviewShell(webview, extension, 'moduleViewer');
  }

  /** What is shown, as text; undefined while nothing can be shown. */
  text(): string | undefined {
    return this.page && pageText(this.page);
  }

  /** Makes the page anew; a round that is overtaken shows nothing any more. */
  async update(): Promise<void> {
    if (!this.ready) {
      return;
    }
    const round = ++this.round;
    let shown: Page | undefined;
    try {
      await this.content.make((page) => {
        if (round !== this.round) {
          return;
        }
        const known = shown?.tables ?? [];
        this.post(
          shown === undefined
            ? { kind: 'page', page: boundedPage(page) }
            : {
                kind: 'tables',
                tables: page.tables.filter((table) => !known.includes(table)).map(boundedTable),
              },
        );
        this.page = page;
        shown = page;
      });
    } catch (error) {
      if (round === this.round) {
        this.page = undefined;
        this.post({ kind: 'problem', problem: this.content.problemOf(error) });
      }
    }
  }

  private post(message: ToWebview): void {
    void this.panel.webview.postMessage(message);
  }
}
