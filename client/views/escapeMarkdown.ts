import { plainText } from './format';

/**
 * A text as it stands in Markdown, in one line: each character that could begin markup, a link among them, is only
 * itself (CommonMark 2.4). The editor's own MarkdownString.appendText leaves addresses and "<…>" to become links.
 */
export const escapeMarkdown = (text: string): string =>
  plainText(text.replace(/\s+/g, ' ').trim()).replace(/[!-/:-@[-`{-~]/g, '\\$&');
