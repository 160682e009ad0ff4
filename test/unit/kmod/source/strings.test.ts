import { describe, expect, it } from 'vitest';
import { stringOf } from '../../../../kmod/source/strings';
import type { MacroArgument } from '../../../../kmod/source/scan';

function argument(text: string): MacroArgument {
  const span = { start: 10, end: 10 + text.length };
  return { text, span, room: span };
}

describe('a string of C', () => {
  it.each([
    ['"GPL"', 'GPL'],
    ['""', ''],
    ['"Dual " /* or */ "MIT/GPL"', 'Dual MIT/GPL'],
    ['"a\\tb\\"\\\\\\x41\\101\\n"', 'a\tb"\\AA\n'],
    ['"a\\\nb"', 'ab'],
  ])('%j is %j', (text, value) => {
    expect(stringOf(argument(text))?.text).toBe(value);
  });

  it.each(['', 'LICENSE', '"Dual " LICENSE', '"open', "'G'"])('is not %j', (text) => {
    expect(stringOf(argument(text))).toBeUndefined();
  });

  it('is read in one go, closed or not, however long', () => {
    const long = 'platform:frobnicator-'.repeat(20_000);
    expect(stringOf(argument(`"${long}`))).toBeUndefined();
    expect(stringOf(argument(`"${long}\\`))).toBeUndefined();
    expect(stringOf(argument(`"${long}"`))?.text).toBe(long);
    expect(stringOf(argument('"a"\\\n'.repeat(20_000)))?.text).toHaveLength(20_000);
  });

  it('knows where its parts stand', () => {
    const text = '"a\\tb " "pre: c"';
    const string = stringOf(argument(text));
    const at = (part: string): string => {
      const index = string?.text.indexOf(part) ?? -1;
      const { start, end } = string?.spanOf(index, index + part.length) ?? { start: 0, end: 0 };
      return text.slice(start - 10, end - 10);
    };
    expect(['a', 'b', 'pre:', 'c'].map(at)).toEqual(['a', 'b', 'pre:', 'c']);
  });
});
