import { splitParameters, toByteText, type ByteSpan } from '../parameters';
import type { Word } from './syntax';

/** One `key` or `key=value` of an options line. */
export interface ParameterWord extends Word {
  readonly name: Word;
  /** Without the quotes around it; undefined: no `=`. */
  readonly value?: Word;
}

/** The words of an options line as the kernel splits them, with their places in the text. */
export function parseParameters({ text, index }: Word): ParameterWord[] {
  const charAt = byteToCharacter(text);
  const cut = ({ start, end }: ByteSpan): Word => ({
    text: text.slice(charAt(start), charAt(end)),
    index: index + charAt(start),
  });
  return splitParameters(toByteText(text)).map((span) => {
    const { text, index } = cut(span);
    const name = cut(span.name);
    return span.value === undefined ? { text, index, name } : { text, index, name, value: cut(span.value) };
  });
}

/** From an offset in the UTF-8 of a text to one in the text; inside a character, that of the character. */
function byteToCharacter(text: string): (byte: number) => number {
  const characters = Array.from(text);
  if (characters.length === text.length && Buffer.byteLength(text) === text.length) {
    return (byte) => byte;
  }
  const offsets: number[] = [];
  let at = 0;
  for (const character of characters) {
    offsets.push(...Array.from({ length: Buffer.byteLength(character) }, () => at));
    at += character.length;
  }
  return (byte) => offsets[byte] ?? text.length;
}
