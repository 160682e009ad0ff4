import * as vscode from 'vscode';

/** Schemes of files that an explanation names. */
const SCHEMES = ['file', 'kmod-target'];

/** Opens a file at the line of its fragment, `#L3`: a link of an explanation runs this. */
export async function openLine(_services: unknown, link: unknown): Promise<void> {
  const uri = vscode.Uri.parse(String(link), true);
  if (!SCHEMES.includes(uri.scheme)) {
    throw new Error(`${uri.scheme}: is no scheme of a configuration file.`);
  }
  const line = Math.max(Number(/^L(\d+)$/.exec(uri.fragment)?.[1] ?? 1) - 1, 0);
  await vscode.window.showTextDocument(uri.with({ fragment: '' }), {
    selection: new vscode.Range(line, 0, line, 0),
    preview: true,
  });
}
