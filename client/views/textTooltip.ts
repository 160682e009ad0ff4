import type * as vscode from 'vscode';
import { joinMarkdown, prose } from '../../kmod/markdown';
import { markdownString } from './markdownString';

/** A tooltip of lines of text, below a title. What they say may be a target's, and stays text. */
export const textTooltip = (lines: readonly string[], title?: string): vscode.MarkdownString =>
  markdownString(
    joinMarkdown([title === undefined ? undefined : prose`**${title}**`, joinMarkdown(lines, '  \n')]),
  );
