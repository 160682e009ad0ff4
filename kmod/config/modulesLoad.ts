import type { LogicalLine } from './lines';
import type { ConfigNode } from './syntax';

/**
 * Parses modules-load.d as systemd-modules-load does (modules-load.d(5); apply_file() in systemd's
 * src/modules-load): no continuation, LF, CR and NUL end a line, blanks around it are cut,
 * `#` or `;` first makes a comment, and all the rest is one module's name.
 */
export function parseModuleLines(source: string): ConfigNode[] {
  const nodes: ConfigNode[] = [];
  let start = 0;
  let lineNumber = 0;
  while (start < source.length) {
    const end = endOfLine(source, start);
    nodes.push(parseModuleLine(source, start, end, lineNumber));
    const next = source[end] === '\r' && source[end + 1] === '\n' ? end + 2 : end + 1;
    lineNumber++;
    start = next;
  }
  return nodes;
}

function parseModuleLine(source: string, start: number, end: number, lineNumber: number): ConfigNode {
  const text = source.slice(start, end);
  const line: LogicalLine = {
    text,
    start,
    end,
    firstLine: lineNumber,
    lastLine: lineNumber,
    backslashes: [],
  };
  const name = text.replace(/^[ \t]+|[ \t]+$/g, '');
  if (name === '') return { kind: 'blank', line };
  if (name.startsWith('#') || name.startsWith(';')) return { kind: 'comment', line };
  return { kind: 'module', line, name: { text: name, index: text.indexOf(name) } };
}

function endOfLine(source: string, from: number): number {
  let end = from;
  while (end < source.length && !'\n\r\0'.includes(source.charAt(end))) end++;
  return end;
}
