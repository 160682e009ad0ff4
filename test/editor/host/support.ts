import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { HOST_WORKSPACE } from './workspace';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/** The extension under test. */
export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('vscode-kmod.vscode-kmod');
  assert.ok(found, 'the extension is installed');
  return found;
}

/** The ids of the commands in the extension's manifest. */
export function contributedCommands(): string[] {
  const { contributes } = extension().packageJSON as Manifest;
  return contributes.commands.map(({ command }) => command);
}

export async function open(file: keyof typeof HOST_WORKSPACE): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a workspace is open');
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, file));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The position just behind a text that the document holds once. */
export function after(document: vscode.TextDocument, text: string): vscode.Position {
  const index = document.getText().indexOf(text);
  assert.notEqual(index, -1, `the document holds ${text}`);
  return document.positionAt(index + text.length);
}

/** Asks again until there is an answer; mocha's time limit ends it. */
export async function eventually<T>(ask: () => Thenable<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
