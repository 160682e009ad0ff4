import * as vscode from 'vscode';

/** The only command that a link of an explanation can run. */
const LINKS = 'kmod.openLine';

const STYLE = `body { max-width: 50em; padding: 0 2em 2em; line-height: 1.5 }
h2 { margin-top: 1.5em; padding-bottom: 0.2em; border-bottom: 1px solid var(--vscode-widget-border, transparent) }
li { margin: 0.3em 0 }
code { overflow-wrap: anywhere }`;

/** A panel that shows a Markdown text; the built-in preview opens no file that is out of the workspace. */
export class Explanation implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;

  dispose(): void {
    this.panel?.dispose();
  }

  async show(title: string, markdown: string): Promise<void> {
    const html = await vscode.commands.executeCommand<string>('markdown.api.render', markdown);
    this.panel ??= this.open(title);
    this.panel.title = title;
    this.panel.webview.html = page(html);
    this.panel.reveal(undefined, true);
  }

  private open(title: string): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel('kmod.explanation', title, vscode.ViewColumn.Active, {
      enableScripts: false,
      enableCommandUris: [LINKS],
      enableFindWidget: true,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }
}

const page = (html: string): string => `<!DOCTYPE html>
<html><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${STYLE}</style>
</head><body>${html}</body></html>`;
