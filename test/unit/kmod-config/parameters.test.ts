import { describe, expect, it } from 'vitest';
import { parseParameters } from '../../../kmod/config/parameters';

const split = (text: string) =>
  parseParameters({ text, index: 0 }).map(({ name, value }) => [name.text, value?.text]);

describe('parseParameters', () => {
  it('splits at blanks and at the first =', () => {
    expect(split(' a=1\tb  c=d=e ')).toEqual([
      ['a', '1'],
      ['b', undefined],
      ['c', 'd=e'],
    ]);
  });

  it('keeps blanks inside double quotes and takes the quotes away', () => {
    expect(split('who="a b" "x=y z" c=a"b c"d')).toEqual([
      ['who', 'a b'],
      ['x', 'y z'],
      ['c', 'a"b c"d'],
    ]);
  });

  it('lets an open quote run to the end', () => {
    expect(split('a="b c')).toEqual([['a', 'b c']]);
  });

  it('takes single quotes as text', () => {
    expect(split("a='b c'")).toEqual([
      ['a', "'b"],
      ["c'", undefined],
    ]);
  });

  it('tells where names and values stand', () => {
    const [parameter] = parseParameters({ text: ' who="me"', index: 10 });
    expect(parameter).toMatchObject({ index: 11, name: { index: 11 }, value: { text: 'me', index: 16 } });
  });
});
