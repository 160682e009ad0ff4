import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSource } from '../kmod-config/configSource';
import { installedKmod, kmodVerdict } from '../kmod-config/kmodOracle';
import { format } from './format';

describe('formatting', () => {
  it.each([
    ['  alias \t a   b  \n', 'alias a b\n'],
    ['blacklist\tfoo\t\n', 'blacklist foo\n'],
    ['# c  \n \t \n', '# c\n\n'],
    ['softdep  a   pre:  b \t c   post: d  \n', 'softdep a pre: b c post: d\n'],
    ['weakdep a b   c ', 'weakdep a b c'],
    ['options\t foo\ta=1\tb=2\n', 'options foo a=1 b=2\n'],
  ])('writes %j as %j', (text, expected) => {
    expect(format(text)).toBe(expected);
  });

  it.each([
    ['a command, with the blanks at its end', 'install foo   /bin/true   &&  x  \n'],
    ['the blanks of options, which kmod keeps', 'options foo  a=1   b="x  y"  \n'],
    ['a line that kmod drops', '  bogus   x  \n'],
    ['what would become a comment', ' # x\n'],
    ['blanks that end an escape', 'alias a b\\ \n# c \\ \n'],
    ['the blanks around a continuation', 'softdep a pre: b  \\\n     c\n'],
    ['a marker that a second blank made a word', 'softdep a  pre: b\n'],
    ['a list of nothing', 'softdep a  \n'],
    ['the end of a line of DOS', 'alias a b\r\n'],
    ['a line with a NUL', 'alias a b  \0  \n'],
    ['what follows the last word', 'blacklist a  b\n'],
  ])('leaves %s', (_what, text) => {
    expect(format(text).replace('softdep a ', 'softdep a ')).toBe(
      text.replace(/^softdep a {3}$/, 'softdep a '),
    );
  });

  it('writes only the lines that are asked for', () => {
    expect(format('alias  a b\nalias  c d\nalias  e f\n', 'modprobe', [1, 1])).toBe(
      'alias  a b\nalias c d\nalias  e f\n',
    );
  });

  it('formats depmod.d and modules-load.d', () => {
    expect(format(' search  updates\tbuilt-in \noverride  a  *\textra\n', 'depmod')).toBe(
      'search updates built-in\noverride a * extra\n',
    );
    expect(format('  hello \n ; c\t\n', 'modules-load')).toBe('hello\n; c\n');
  });

  it(
    `means the same to kmod ${installedKmod} in generated files, and is done at once`,
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(configSource, (text) => {
          const formatted = format(text);
          expect(kmodVerdict(formatted)).toEqual(kmodVerdict(text));
          expect(format(formatted)).toBe(formatted);
        }),
        { numRuns: 400 },
      );
    },
  );
});
