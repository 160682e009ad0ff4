import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarkedLine } from '../../../../client/targets/marks';

function read(...pieces: readonly string[]) {
  return readAll(pieces);
}

function readAll(pieces: readonly string[]): { before: string; line: string | undefined; after: string } {
  let before = '';
  const marked = new MarkedLine('mark:', (bytes) => (before += bytes.toString()));
  let line: string | undefined;
  let after = '';
  for (const piece of pieces) {
    if (line !== undefined) {
      after += piece;
      continue;
    }
    const found = marked.push(Buffer.from(piece));
    line = found?.line;
    after = found?.after.toString() ?? '';
  }
  return { before, line, after };
}

describe('the line of a mark', () => {
  it('is found however the stream is cut', () => {
    const text = 'mamark mark:12\nrest';
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), (at) => {
        expect(read(text.slice(0, at), text.slice(at))).toEqual({
          before: 'mamark ',
          line: '12',
          after: 'rest',
        });
      }),
    );
  });

  it('is none where it does not end', () => {
    const { before, line } = read('mark:', 'x'.repeat(5000));
    expect(line).toBeUndefined();
    expect(before).toHaveLength(5005);
  });

  it('is looked for in each byte once', () => {
    const { before } = readAll(Array<string>(300_000).fill('m'));
    expect(before).toHaveLength(299_999);
  });
});
