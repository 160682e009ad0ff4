import type { Span } from '../config/lines';
import { skipBlanks, skipEscape, type MacroArgument } from './scan';

/** The value of a string in C source. */
export interface SourceString {
  readonly text: string;
  /** Where a part of the text stands in the source; the indices are those of the text. */
  readonly spanOf: (start: number, end: number) => Span;
}

const CHARACTER = /\\(?:\r?\n|[0-7]{1,3}|x[0-9a-fA-F]+|[\s\S])|[\s\S]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The strings of an argument, joined as the compiler joins them; undefined: there is more, or less, than strings. */
export function stringOf({ text, span }: MacroArgument): SourceString | undefined {
  let value = '';
  let found = false;
  const offsets: number[] = [];
  for (let at = skipBlanks(text, 0, text.length); at < text.length;) {
    const close = closingQuote(text, at);
    if (close === undefined) return undefined;
    found = true;
    for (const { 0: written, index } of text.slice(at + 1, close).matchAll(CHARACTER)) {
      const meant = characterOf(written);
      value += meant;
      for (let unit = 0; unit < meant.length; unit++) offsets.push(span.start + at + 1 + index);
    }
    at = skipBlanks(text, close + 1, text.length);
  }
  if (!found) return undefined;
  const endOfText = span.end - 1;
  const offsetAt = (index: number): number => offsets[index] ?? endOfText;
  return {
    text: value,
    // A part ends behind its last character, which may be in front of a seam of two strings.
    spanOf: (start, end) => ({
      start: offsetAt(start),
      end:
        end > start && end < offsets.length ? Math.min(offsetAt(end), offsetAt(end - 1) + 1) : offsetAt(end),
    }),
  };
}

/** The quote that closes the string which begins here; undefined: none begins, or it is not closed in its line. */
function closingQuote(text: string, start: number): number | undefined {
  if (text[start] !== '"') return undefined;
  for (let at = start + 1; at < text.length && text[at] !== '\n';) {
    if (text[at] === '"') return at;
    at = text[at] === '\\' ? skipEscape(text, at) : at + 1;
  }
  return undefined;
}

function characterOf(written: string): string {
  if (!written.startsWith('\\')) return written;
  const escaped = written.slice(1);
  if (escaped === '\n' || escaped === '\r\n') return '';
  if (/^[0-7]/.test(escaped)) return String.fromCharCode(parseInt(escaped, 8) & 0xff);
  if (/^x./.test(escaped)) return String.fromCharCode(parseInt(escaped.slice(1), 16) & 0xff);
  return ESCAPES[escaped] ?? escaped;
}
