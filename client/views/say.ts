import * as vscode from 'vscode';
import { plainSentence } from './format';

/** Notifications. What they say may hold words of a target or of a file, and stays text. */
export const say = {
  information: (text: string, ...actions: string[]): Thenable<string | undefined> =>
    vscode.window.showInformationMessage(plainSentence(text), ...actions),
  warning: (text: string, ...actions: string[]): Thenable<string | undefined> =>
    vscode.window.showWarningMessage(plainSentence(text), ...actions),
  error: (text: string, ...actions: string[]): Thenable<string | undefined> =>
    vscode.window.showErrorMessage(plainSentence(text), ...actions),
};

/** Asks before something dangerous. The first button has the focus; Cancel is there by itself. */
export const askModally = (
  text: string,
  detail: string,
  ...buttons: string[]
): Thenable<string | undefined> =>
  vscode.window.showWarningMessage(plainSentence(text), { modal: true, detail }, ...buttons);
