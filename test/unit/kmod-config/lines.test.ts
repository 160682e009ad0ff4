import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logicalIndex, sourceOffset, spanOf } from '../../../kmod/config/lines';
import { parseConfig } from '../../../kmod/config/parse';

const readLogicalLines = (source: string, kmod: number) =>
  parseConfig('modprobe', source, kmod).nodes.map(({ line }) => line);
const texts = (source: string, kmod = 34) => readLogicalLines(source, kmod).map((line) => line.text);

describe('readLogicalLines', () => {
  it('joins continued lines with nothing between', () => {
    expect(texts('options foo \\\n  a=1\nnext\n')).toEqual(['options foo   a=1', 'next']);
  });

  it('deletes a backslash before anything but a line feed', () => {
    expect(texts('a\\b \\\\\nc\\ \nd\\\r\n')).toEqual(['ab \\', 'c ', 'd\r']);
  });

  it('cuts a line at NUL', () => {
    expect(texts('alias a\0b c\nd')).toEqual(['alias a', 'd']);
  });

  it('drops a backslash that ends the file since kmod 34, and made a byte 0xFF of it before', () => {
    expect(texts('blacklist foo\\', 34)).toEqual(['blacklist foo']);
    expect(texts('blacklist foo\\', 33)).toEqual(['blacklist foo\uDCFF']);
  });

  it('counts physical lines', () => {
    const lines = readLogicalLines('a\nb\\\nc\\\nd\n\ne', 34);
    expect(lines.map(({ firstLine, lastLine }) => [firstLine, lastLine])).toEqual([
      [0, 0],
      [1, 3],
      [4, 4],
      [5, 5],
    ]);
  });

  it('finds backslashes and NULs wherever they are', () => {
    const end = fc.constantFrom(['y', 'y'], ['\\y', 'y'], ['\0y', ''], ['\\\ny', 'y']);
    const line = fc.tuple(fc.nat(6_000), end).map(([length, [source = '', text = '']]) => {
      const start = 'x'.repeat(length);
      return { source: `${start}${source}\n`, text: start + text };
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(texts(lines.map(({ source }) => source).join(''))).toEqual(lines.map(({ text }) => text));
      }),
    );
  });

  it('finds each character of the text at its place in the source, and back', () => {
    const piece = fc.constantFrom('a', 'é', '😀', ' ', '\\', '\\\n', '\\x', '\n', '\r\n');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const source = pieces.join('');
        for (const line of readLogicalLines(source, 34)) {
          for (const [index, unit] of line.text.split('').entries()) {
            const offset = sourceOffset(line, index);
            expect(source[offset]).toBe(unit);
            expect(logicalIndex(line, offset)).toBe(index);
          }
        }
      }),
    );
  });

  it('gives a word that goes on behind a continuation one range', () => {
    const source = 'blacklist fo\\\no\n';
    const [line] = readLogicalLines(source, 34);
    const span = line && spanOf(line, 'blacklist '.length, 3);
    expect(span && source.slice(span.start, span.end)).toBe('fo\\\no');
  });

  it('reads a line of half a million backslashes without delay', () => {
    const [line] = readLogicalLines('\\x'.repeat(500_000), 34);
    expect(line?.text).toHaveLength(500_000);
    expect(line && sourceOffset(line, 499_999)).toBe(999_999);
  });
});
