import * as vscode from 'vscode';

/** Stands before everything that starts a program. @throws Error in an untrusted workspace */
export function requireTrust(): void {
  if (!vscode.workspace.isTrusted) {
    throw new Error('this workspace is not trusted. Trust it to use targets and builds.');
  }
}
