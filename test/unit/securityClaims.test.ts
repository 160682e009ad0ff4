import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');
const rows = read('docs/security-claims.md')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

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
