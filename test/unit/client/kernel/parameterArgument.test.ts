import { describe, expect, it } from 'vitest';
import { insmodArgument, modprobeArgument } from '../../../../client/kernel/parameterArgument';

describe('a parameter for insmod', () => {
  it.each([
    ['count=3', 'count=3'],
    ['loud', 'loud'],
    ['who=', 'who='],
    ['who=two words', 'who="two words"'],
    ['who=a=b', 'who=a=b'],
    ['who=line\nend', 'who="line\nend"'],
    // The kernel takes the byte A0 of this letter for a blank.
    ['who=à', 'who="à"'],
  ])('%j is the word %j', (assignment, word) => {
    expect(insmodArgument(assignment)).toBe(word);
  });

  it.each(['who=a "b', 'who=a\0b', '-f', '=3', 'a b', ''])('%j can not be said', (assignment) => {
    expect(() => insmodArgument(assignment)).toThrow(/^parameter/);
  });
});

describe('a parameter for modprobe', () => {
  it('is left to modprobe to quote when it has a blank', () => {
    expect(modprobeArgument('who=two words')).toBe('who=two words');
    expect(modprobeArgument('who=line\nend')).toBe('who="line\nend"');
    expect(modprobeArgument('count=3')).toBe('count=3');
  });

  it('can not have both blanks and quotes', () => {
    expect(() => modprobeArgument('who=a "b" c')).toThrow('blanks and double quotes');
  });
});
