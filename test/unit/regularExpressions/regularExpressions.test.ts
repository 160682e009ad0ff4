import { availableParallelism } from 'node:os';
import { check, type Diagnostics } from 'recheck';
import { describe, expect, it } from 'vitest';
import { collectExpressions, expressionsOf, type WrittenExpression } from './collect';
import { CONSTRUCTED, isAbout, SLOW } from './exceptions';

const { written, constructed } = collectExpressions();
/** Milliseconds for one expression, on a machine that has other work. What takes longer is not known to be safe. */
const TIMEOUT = 60_000;

/** What repeats nothing cannot be slow. */
const repeats = ({ source }: WrittenExpression): boolean => /[*+{]/.test(source);

/** What recheck (https://makenowjust-labs.github.io/recheck/) says of an expression. */
async function verdictOf({ source, flags }: WrittenExpression): Promise<string> {
  // The same in each run; only what it takes to tell polynomial from exponential.
  const diagnostics: Diagnostics = await check(source, flags, {
    timeout: TIMEOUT,
    randomSeed: 1,
    recallTimeout: -1,
    // It counts steps: on a busy machine a limit of time calls slow what is not.
    attackTimeout: null,
    incubationTimeout: null,
  });
  if (diagnostics.status === 'safe') return 'safe';
  return diagnostics.status === 'vulnerable' ? diagnostics.complexity.summary : diagnostics.error.kind;
}

/** One after the other, on each processor. */
async function verdicts(expressions: readonly WrittenExpression[]): Promise<string[]> {
  const known = new Map<string, Promise<string>>();
  const told: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < expressions.length; index = next++) {
      const expression = expressions[index] as WrittenExpression;
      const key = `/${expression.source}/${expression.flags}`;
      const verdict = known.get(key) ?? verdictOf(expression);
      known.set(key, verdict);
      told[index] = await verdict;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return told;
}

describe('the regular expressions of what is shipped', () => {
  it('take no more time than their text is long, whatever the text is', async () => {
    const asked = written.filter(repeats);
    const told = await verdicts(asked);
    const slow = asked.flatMap((expression, index) => {
      const verdict = told[index] ?? 'not checked';
      return verdict === 'safe' || SLOW.some(isAbout(expression))
        ? []
        : [`${expression.file}:${expression.line} ${verdict}: /${expression.source}/${expression.flags}`];
    });
    expect(slow).toEqual([]);
  }, 300_000);

  it('are made of no text from outside', () => {
    const unknown = constructed.filter(
      ({ file, code }) => !CONSTRUCTED.some((known) => known.file === file && known.code === code),
    );
    expect(unknown).toEqual([]);
  });

  it('are all there: no exception is left of one that is gone', () => {
    const gone = [
      ...SLOW.filter((exception) => !written.some((expression) => isAbout(expression)(exception))),
      ...CONSTRUCTED.filter(
        (known) => !constructed.some(({ file, code }) => known.file === file && known.code === code),
      ),
    ];
    expect(gone).toEqual([]);
  });

  it('count no group in a grammar: for each repetition, Oniguruma looks through all that it may go back to', () => {
    // (?:[ ]+[^ ]+){3} takes a square of the time there, and none in ECMAScript, which is what recheck knows.
    const counted = written.filter(
      ({ file, source }) => file.startsWith('syntaxes/') && /\)\{\d/.test(source),
    );
    expect(counted).toEqual([]);
  });

  it('are found in code, strings, and the files of the editor', () => {
    const files = new Set(written.map(({ file }) => file));
    expect(files).toContain('syntaxes/modprobe.tmLanguage.json');
    expect(files).toContain('language-configuration.json');
    expect(files).toContain('package.json');
    const code = 'a = /b+/g; new RegExp("c*", "i"); RegExp(`d?`); e.match("f+"); new RegExp(g);';
    const found = expressionsOf('x.ts', code);
    expect(found.written.map(({ source, flags }) => `/${source}/${flags}`)).toEqual([
      '/b+/g',
      '/c*/i',
      '/d?/',
      '/f+/',
    ]);
    expect(found.constructed.map((each) => each.code)).toEqual(['g']);
  });
});

it('tells what is slow', async () => {
  const verdict = (source: string) => verdictOf({ source, flags: '', file: '', line: 0 });
  expect(await verdict('"(?:[^"\\\\]+|\\\\.)*"')).toBe('exponential');
  expect(await verdict('\\s+$')).toBe('2nd degree polynomial');
  expect(await verdict('^\\s+$')).toBe('safe');
});
