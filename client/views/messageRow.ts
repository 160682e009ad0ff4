import * as vscode from 'vscode';
import { plainText } from '../../kmod/plainText';
import { messageOf } from './messageOf';

/** A row that says something instead of listing: that there is nothing, or why. */
export interface MessageRow {
  readonly kind: 'message';
  readonly text: string;
  /** The id of a codicon. */
  readonly icon: string;
}

/** Why there is nothing to list. */
export const failureRow = (error: unknown): MessageRow => ({
  kind: 'message',
  text: plainText(messageOf(error)),
  icon: 'error',
});

export function messageItem({ text, icon }: MessageRow): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.tooltip = text;
  return item;
}
