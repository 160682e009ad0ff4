import * as vscode from 'vscode';
import type { Build } from './build';

/** What the panel of a comparison is made from again in the next window; undefined: a target's file would be needed. */
export const rememberComparison = (before: Build, after: Build): object | undefined =>
  before instanceof vscode.Uri && after instanceof vscode.Uri
    ? { before: before.toString(), after: after.toString() }
    : undefined;

/** The two files, out of the editor's storage. */
export function comparedFiles(memory: unknown): [vscode.Uri, vscode.Uri] | undefined {
  const { before, after } = (memory ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof before !== 'string' || typeof after !== 'string') {
    return undefined;
  }
  const files: [vscode.Uri, vscode.Uri] = [vscode.Uri.parse(before), vscode.Uri.parse(after)];
  return files.every(({ scheme }) => scheme === 'file') ? files : undefined;
}
