import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, quoteAll } from '../../../../client/targets/quote';
import { awkwardWord } from '../../../awkward';

/** The words that a shell makes of a command line. */
function wordsOf([program = '', ...options]: readonly string[], line: string): string[] {
  const printed = execFileSync(program, [...options, '-s'], { input: `printf '%s\\0' ${line}` });
  return printed.toString().split('\0').slice(0, -1);
}

describe('quote', () => {
  it.each(['/bin/sh', 'dash', 'bash', 'bash --posix', 'busybox sh'])(
    'gives %s each word as it is',
    (shell) => {
      fc.assert(
        fc.property(fc.array(awkwardWord, { minLength: 50, maxLength: 50 }), (words) => {
          expect(wordsOf(shell.split(' '), quoteAll(words))).toEqual(words);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('writes a single quote outside of the quotes', () => {
    expect(quote("it's")).toBe(`'it'\\''s'`);
  });

  it('refuses a NUL', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });
});
