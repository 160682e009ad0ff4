import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSource } from './configSource';
import { installedKmod, kmodVerdict, parserVerdict } from './kmodOracle';

const CHOSEN: readonly string[] = [
  'softdep foo  pre: a\n',
  'softdep foo   pre: a\n',
  'softdep foo\t\tpre: a  b   c post: d \n',
  'softdep foo pre: a\rb\vc post: x\n',
  'softdep foo  \n',
  'softdep foo  a\n',
  'softdep foo post: x pre: y\n',
  'softdep a-b pre:c post: d-e\n',
  'options a\tb\tc\\\n\td=1\n',
  'options foo \n',
  'options foo',
  '\\\n\\\n# x \\\nfoo\nalias a b\\\n',
  '# comment \\\noptions swallowed a=1\nblacklist next\n',
  'options foo a=1 \\\n# not a comment\n',
  'alias a-b\0c d\n',
  'alias a b\0c d\n',
  'install a  b\n',
  'install a\n',
  'install a \\\n\n',
  'blacklist foo[\n',
  'blacklist foo[a]]\n',
  'blacklist []]\n',
  'blacklist [a-b]-c\n',
  'alias [a b]\n',
  'weakdep a b\n',
  'weakdep a\n',
  '\r\nblacklist a\r\n',
  '\uFEFFblacklist a\nblacklist b\u00A0c\n',
  '  \t blacklist a\n',
  'foo\\',
  '#foo\\',
  'alias foo bar\\',
  'include\nconfig x\n',
  'a\\\\\nb\\ \nc\\\r\n',
  '\n\n\nbogus\n',
  'bogus \\\n\\\n\\\n',
  'bogus \\\n\\\n\\\nx',
  'blacklist föö\nblacklist 😀-x\n',
  'Alias a b\n',
];

describe(`parseConfig against kmod ${installedKmod}`, () => {
  it.each(CHOSEN)('keeps and drops what kmod does in %j', (text) => {
    expect(parserVerdict(text)).toEqual(kmodVerdict(text));
  });

  it('keeps and drops what kmod does in generated files', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(configSource, (text) => {
        expect(parserVerdict(text)).toEqual(kmodVerdict(text));
      }),
      { numRuns: 400 },
    );
  });
});
