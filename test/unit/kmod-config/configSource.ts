import fc from 'fast-check';

const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('foo', 'snd-hda-intel', 'a=1', 'pre:', 'post:', 'x"y', '#c', 'é', '*'),
  },
  {
    weight: 3,
    arbitrary: fc.string({
      unit: fc.constantFrom('a', '-', '_', '[', ']', '\\', '\r', '\v', '\0', '"', ':', '#'),
    }),
  },
);
const blank = fc.constantFrom(' ', ' ', ' ', '\t', '  ', '   ', ' \t', '\\\n', ' \\\n ', '\\ ', '');
const command = fc.constantFrom(
  ...[
    'alias',
    'blacklist',
    'options',
    'install',
    'remove',
    'softdep',
    'softdep',
    'weakdep',
    'include',
    'config',
  ],
  ...['search', 'Options', '', '#', ' '],
);
const line = fc
  .tuple(command, fc.array(fc.tuple(blank, word), { maxLength: 6 }), blank)
  .map(([name, words, end]) => name + words.flat().join('') + end);
/** Files of modprobe.d with every oddity of its syntax. */
export const configSource = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 8 }), fc.constantFrom('\n', '', '\\', '\\\n'))
  .map(([lines, end]) => lines.join('\n') + end);
