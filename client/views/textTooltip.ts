import * as vscode from 'vscode';
import { escapeMarkdown } from './escapeMarkdown';

/** Characters of a line. */
const LINE_LIMIT = 2000;

/** A tooltip of lines of text, below a title. What they say may be a target's, and stays text. */
export function textTooltip(lines: readonly string[], title?: string): vscode.MarkdownString {
  const text = lines.map((line) => escapeMarkdown(line.slice(0, LINE_LIMIT))).join('  \n');
  return new vscode.MarkdownString(title === undefined ? text : `**${escapeMarkdown(title)}**\n\n${text}`);
}
