import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');
const rowsOf = (file: string): string[][] =>
  read(file)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
const rows = rowsOf('docs/security-claims.md');

const hasTest = (source: string, title: string): boolean =>
  ["'", '`', '"'].some((quote) => source.replaceAll(/\(\s+/g, '(').includes(`(${quote}${title}${quote},`));

it.each(rows)('“%s” of %s is proven by %s: %s', (promise, document, test, title) => {
  expect(read(document ?? '')).toContain(promise);
  expect(hasTest(read(test ?? ''), title ?? '')).toBe(true);
});

it('each sentence of the README on security is promised here', () => {
  const section = /## Security\n\n(.*)\n/.exec(read('README.md'))?.[1] ?? '';
  const proven = rows.filter(([, document]) => document === 'README.md').map(([promise = '']) => promise);
  const sentences = section.split(/(?<=\.) (?=[A-Z])/);
  expect(sentences.length).toBeGreaterThan(5);
  expect(sentences.filter((sentence) => !proven.some((promise) => sentence.includes(promise)))).toEqual([]);
});

describe('the attempts with hostile input', () => {
  const attempts = rowsOf('test/attempts.md');

  it('are all told of', () => {
    const numbers = [...new Set(attempts.map(([number]) => Number(number)))];
    expect(numbers).toEqual(Array.from({ length: 85 }, (_, index) => index + 1));
  });

  it.each(attempts.filter(([, , file]) => file !== '–'))(
    '%s, %s, is tried by %s: %s',
    (_n, _what, file, title) => {
      expect(hasTest(read(file ?? ''), title ?? '')).toBe(true);
    },
  );
});
