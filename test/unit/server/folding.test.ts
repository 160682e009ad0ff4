import { expect, it } from 'vitest';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { open } from './harness';

async function folded(
  text: string,
  language?: ConfigLanguage,
): Promise<[number, number, string | undefined][]> {
  const { service, document } = await open(text, language);
  return service.foldingRanges(document).map(({ startLine, endLine, kind }) => [startLine, endLine, kind]);
}

it('folds blocks of comments, runs of blacklist lines and continued lines', async () => {
  expect(
    await folded('# a\n# b\n\nblacklist x\nblacklist y\nblacklist z\noptions x \\\n a=1\n# alone\nalias a b'),
  ).toEqual([
    [0, 1, 'comment'],
    [3, 5, undefined],
    [6, 7, undefined],
  ]);
});

it('folds comments of depmod.d and modules-load.d', async () => {
  expect(await folded('# a\n# b\nsearch x \\\n y\n', 'depmod')).toEqual([
    [0, 1, 'comment'],
    [2, 3, undefined],
  ]);
  expect(await folded('; a\n# b\nhello\n', 'modules-load')).toEqual([[0, 1, 'comment']]);
});

it('folds nothing where there is one line of a kind', async () => {
  expect(await folded('# a\nblacklist x\n# b\nalias a b\n')).toEqual([]);
});

it('takes a comment that swallows the next line for a block', async () => {
  expect(await folded('# a \\\nblacklist x\nblacklist y\n')).toEqual([[0, 1, 'comment']]);
});
