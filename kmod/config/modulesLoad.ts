import { blanksAtEnd, WrappedLine } from './lines';
import type { NodeReader } from './parse';
import type { ConfigNode } from './syntax';

/**
 * Reads lines of modules-load.d as systemd-modules-load does (modules-load.d(5); apply_file() in systemd's
 * src/modules-load): no continuation; LF, CR LF, CR and NUL end a line. Blanks around it are cut, `#` or `;` first
 * makes a comment, and all the rest is one module's name.
 */
export class ModulesLoadReader implements NodeReader {
  constructor(
    private readonly source: string,
    public start: number,
    public lineNumber: number,
  ) {}

  next(): ConfigNode | undefined {
    const { source, start, lineNumber } = this;
    if (start >= source.length) return undefined;
    const end = endOfLine(source, start);
    this.start = end + (source.startsWith('\r\n', end) ? 2 : 1);
    this.lineNumber = lineNumber + 1;
    const text = source.slice(start, end);
    const line = new WrappedLine(text, start, end, lineNumber, lineNumber, []);
    const name = text.slice(0, blanksAtEnd(text)).replace(/^[ \t]+/, '');
    if (name === '') return { kind: 'blank', line };
    if (name.startsWith('#') || name.startsWith(';')) return { kind: 'comment', line };
    return { kind: 'module', line, name: { text: name, index: text.indexOf(name) } };
  }
}

function endOfLine(source: string, from: number): number {
  let end = from;
  while (end < source.length && !'\n\r\0'.includes(source.charAt(end))) end++;
  return end;
}
