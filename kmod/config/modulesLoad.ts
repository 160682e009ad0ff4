import { blanksAtEnd, PlainLine } from './lines';
import type { NodeReader } from './parse';

/**
 * Reads a line of modules-load.d as systemd-modules-load does (modules-load.d(5); apply_file() in systemd's
 * src/modules-load): no continuation; LF, CR LF, CR and NUL end a line. Blanks around it are cut, `#` or `;` first
 * makes a comment, and all the rest is one module's name.
 */
export const readModuleLine: NodeReader = (source, start, firstLine) => {
  if (start >= source.length) return undefined;
  const line = new PlainLine(source, start, endOfLine(source, start), firstLine);
  const { text } = line;
  const name = text.slice(0, blanksAtEnd(text)).replace(/^[ \t]+/, '');
  if (name === '') return { kind: 'blank', line };
  if (name.startsWith('#') || name.startsWith(';')) return { kind: 'comment', line };
  return { kind: 'module', line, name: { text: name, index: text.indexOf(name) } };
};

function endOfLine(source: string, from: number): number {
  let end = from;
  while (end < source.length && !'\n\r\0'.includes(source.charAt(end))) end++;
  return end;
}
