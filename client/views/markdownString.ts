import * as vscode from 'vscode';
import { hoverSource, type Markdown } from '../../kmod/markdown';

/** Markdown for a hover or a tooltip of the editor: the only way to one. */
export const markdownString = (markdown: Markdown): vscode.MarkdownString =>
  new vscode.MarkdownString(hoverSource(markdown));
