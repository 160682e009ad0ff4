import * as vscode from 'vscode';
import { isModuleName } from '../../kmod/name';
import { Explain, type ExplainParams, type ExplainResult } from '../../server/protocol';
import { CancelledError } from './cancellation';
import type { Services } from './services';

/** What `modprobe NAME` would do, step by step, as a document: of a code lens, or of a name that is asked for. */
export async function explain({ languageServer, explanation }: Services, clicked: unknown): Promise<void> {
  const name = typeof clicked === 'string' ? clicked : await askName();
  const params: ExplainParams = { name };
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Explaining modprobe ${name}` },
    () => languageServer.request<ExplainResult>(Explain, params),
  );
  if (result === null) {
    throw new Error(`what modprobe ${name} would do can not be told; the language server's log says why.`);
  }
  await explanation.show(`modprobe ${name}`, result.markdown);
}

async function askName(): Promise<string> {
  const editor = vscode.window.activeTextEditor;
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active, /[\w-]+/);
  const word = range === undefined ? '' : (editor?.document.getText(range) ?? '');
  const name = await vscode.window.showInputBox({
    title: 'Explain modprobe NAME',
    prompt: 'A module or an alias, as you would give it to modprobe',
    value: isModuleName(word) ? word : '',
  });
  if (name === undefined || name.trim() === '') {
    throw new CancelledError();
  }
  return name.trim();
}
