import type { Word } from './syntax';

/** One `key` or `key=value` of an options line. */
export interface ParameterWord extends Word {
  readonly name: Word;
  /** Without the quotes around it; undefined: no `=`. */
  readonly value?: Word;
}

/**
 * Splits the options of a module as the kernel does: next_arg() in lib/cmdline.c. Blanks inside "…" do not
 * separate, `'` is no quote, and there is no escape.
 */
export function parseParameters({ text, index }: Word): ParameterWord[] {
  return [...text.matchAll(/(?:[^ \t\n\v\f\r"]+|"[^"]*(?:"|$))+/g)].map((match) => {
    const word = { text: match[0], index: index + match.index };
    const body = cut(word, word.text.startsWith('"') ? 1 : 0, endOfBody(word.text));
    const equals = body.text.indexOf('=');
    // An `=` in the first place is a part of the name.
    if (equals <= 0) return { ...word, name: body };
    const quoted = body.text[equals + 1] === '"';
    const valueEnd = quoted && body.text.length > equals + 2 && body.text.endsWith('"') ? -1 : undefined;
    return { ...word, name: cut(body, 0, equals), value: cut(body, equals + (quoted ? 2 : 1), valueEnd) };
  });
}

function endOfBody(text: string): number | undefined {
  return text.startsWith('"') && text.length > 1 && text.endsWith('"') ? -1 : undefined;
}

function cut(word: Word, start: number, end?: number): Word {
  return { text: word.text.slice(start, end), index: word.index + start };
}
