import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../../engine/base/lineReader';

const read = (limit: number, ...pieces: readonly string[]): string[] => readAll(limit, pieces);

function readAll(limit: number, pieces: readonly string[]): string[] {
  const lines: string[] = [];
  const reader = new LineReader(limit, (line) => lines.push(line));
  pieces.forEach((piece) => reader.push(piece));
  reader.end();
  return lines;
}

describe('the lines of a text', () => {
  it('are the same however it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n') })), (pieces) => {
        expect(read(Infinity, ...pieces)).toEqual(read(Infinity, pieces.join('')));
      }),
    );
    expect(read(9, 'a\nb', 'c\n\nd')).toEqual(['a', 'bc', '', 'd']);
  });

  it('are cut to the limit, each', () => {
    expect(read(3, 'abcdef', 'gh\nij\nklmn')).toEqual(['abc', 'ij', 'klm']);
  });

  it('of one that comes byte by byte take no square of time', () => {
    expect(readAll(1000, [...Array<string>(1_000_000).fill('\r'), '\n'])).toEqual(['\r'.repeat(1000)]);
  });
});
