import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, parseConfig } from '../../../kmod/config/parse';
import { nodeAt, wordSpan, type ConfigLanguage } from '../../../kmod/config/syntax';
import { statementsOf } from './kmodOracle';

const problemsOf = (language: ConfigLanguage, source: string, kmod?: number) =>
  statementsOf(parseConfig(language, source, kmod)).map((statement) => statement.problem?.kind);

describe('parseConfig', () => {
  it('keeps what kmod drops, with the reason', () => {
    const source = 'bogus\nblacklist\noptions foo\nalias a[ b\ninclude x\nweakdep a b\n';
    expect(problemsOf('modprobe', source, 30)).toEqual([
      'unknown-command',
      'missing-argument',
      'missing-argument',
      'unbalanced-bracket',
      'deprecated-command',
      'version-required',
    ]);
  });

  it('knows weakdep since kmod 33', () => {
    expect(problemsOf('modprobe', 'weakdep a b', 33)).toEqual([undefined]);
  });

  it('tells where each word stands in the source', () => {
    const source = 'blacklist ok\noptions my-\\\nmod a=1 b\n';
    const [, statement] = statementsOf(parseConfig('modprobe', source));
    const words = statement?.arguments.map((argument) => {
      const { start, end } = wordSpan(statement.line, argument);
      return [source.slice(start, end), argument.value];
    });
    expect(words).toEqual([
      ['my-\\\nmod', 'my_mod'],
      ['a=1 b', 'a=1 b'],
    ]);
  });

  it('reads depmod.d by its own table, and leaves names as they are', () => {
    const source =
      'search a built-in\nsearch\noverride my-mod[ * extra\noverride a *\nexternal * /x\nexclude\nblacklist a\n';
    expect(problemsOf('depmod', source)).toEqual([
      undefined,
      undefined,
      undefined,
      'missing-argument',
      undefined,
      undefined,
      'unknown-command',
    ]);
    const [search, , override] = statementsOf(parseConfig('depmod', source));
    expect(search?.arguments.map(({ value }) => value)).toEqual(['a', 'built-in']);
    expect(override?.arguments.map(({ value }) => value)).toEqual(['my-mod[', '*', 'extra']);
  });

  it('takes any text without a throw, and covers each offset with at most one node', () => {
    const language = fc.constantFrom<ConfigLanguage>('modprobe', 'depmod', 'modules-load');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'a \t\n\\\0#;[]-\r\ud800') }),
    );
    fc.assert(
      fc.property(language, text, (kind, source) => {
        const syntax = parseConfig(kind, source);
        for (const node of syntax.nodes) expect(nodeAt(syntax, node.line.start)).toBe(node);
      }),
    );
  });
});

describe('foldName', () => {
  it('makes - an _ outside of brackets', () => {
    expect(foldName('a-b[c-d]-e')).toBe('a_b[c-d]_e');
  });

  it('refuses a bracket without a partner', () => {
    expect([foldName('a['), foldName('a]'), foldName('[a]]')]).toEqual([undefined, undefined, undefined]);
  });
});
