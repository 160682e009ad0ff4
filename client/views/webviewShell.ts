import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** What a webview may load. */
export const resourceRoots = (extension: vscode.Uri): vscode.Uri[] => [
  vscode.Uri.joinPath(extension, 'dist'),
  vscode.Uri.joinPath(extension, 'media'),
];

/** What a page shows before its script runs. */
interface Start {
  /** Style sheets that need not be loaded: ours, and never a file's. */
  readonly styles: readonly string[];
  /** HTML, escaped where it tells what a file holds. */
  readonly body: string;
}

/**
 * A webview's page. Nothing but the extension's own script and style sheets runs or loads in it; what is shown comes
 * as messages, but for the start.
 * @param name of dist/NAME.js and media/NAME.css
 */
export function webviewShell(
  webview: vscode.Webview,
  extension: vscode.Uri,
  name: string,
  start?: Start,
): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (...path: string[]): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, ...path)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource} 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const styles =
    start === undefined
      ? `<link rel="stylesheet" href="${uri('media', `${name}.css`)}">`
      : start.styles.map((style) => `<style nonce="${nonce}">${style}</style>`).join('\n');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${styles}
<title>Kernel modules</title>
<script nonce="${nonce}" src="${uri('dist', `${name}.js`)}" defer></script>
</head>
<body>
${start?.body ?? ''}
</body>
</html>`;
}
