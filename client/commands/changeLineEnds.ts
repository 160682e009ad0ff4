import * as vscode from 'vscode';

/** Makes all lines of a document end in LF: a quick fix runs this, as no edit of the text can. */
export async function changeLineEnds(_services: unknown, uri: unknown): Promise<void> {
  // To be edited: the editor reads it, and has its own limits.
  // eslint-disable-next-line no-restricted-syntax
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(String(uri), true));
  const editor = await vscode.window.showTextDocument(document);
  const isDone = await editor.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.LF));
  if (!isDone) {
    throw new Error('the editor refused the change.');
  }
}
