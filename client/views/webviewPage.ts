import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { OWN_FILE } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { escapeMarkup } from './escapeMarkup';

/** The extension's own script and style sheet of a webview. */
export interface WebviewFiles {
  readonly script: string;
  readonly style: string;
}

/**
 * @param extension where the extension lies
 * @param name of dist/NAME.js and media/NAME.css
 */
export async function readWebviewFiles(extension: string, name: string): Promise<WebviewFiles> {
  const [script, style] = await Promise.all([
    readTextFile(join(extension, 'dist', `${name}.js`), OWN_FILE),
    readTextFile(join(extension, 'media', `${name}.css`), OWN_FILE),
  ]);
  return { script, style };
}

/** What a page shows before its script says more. */
export interface WebviewStart {
  /** Rules of ours that its style sheet does not have. */
  readonly style: string;
  /** HTML, escaped where it tells what a file holds. */
  readonly body: string;
}

/**
 * A webview's page, whole: the editor hides a page until all that it loads is there, and each file that it loads takes
 * a way through the editor's service worker. Nothing but this script and these styles runs in it, and nothing loads.
 * @param memory what its script keeps for the next window, as JSON
 */
export function webviewPage({ script, style }: WebviewFiles, start?: WebviewStart, memory?: object): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">${style}
${start?.style ?? ''}</style>
<title>Kernel modules</title>
</head>
<body${memory === undefined ? '' : ` data-memory="${escapeMarkup(JSON.stringify(memory))}"`}>
${start?.body ?? ''}
<script nonce="${nonce}">${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>`;
}
