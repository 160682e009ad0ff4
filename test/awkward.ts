import fc from 'fast-check';

/** A word of what shells care for, and of everything else but NUL and halves of surrogate pairs. */
export const awkwardWord: fc.Arbitrary<string> = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...`'"\\\`$(){}[]*?~!#%^&|;<>=:,@+- \t\n\r\x01\x1b\x7fa1`),
    maxLength: 20,
  }),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0')),
  fc.constantFrom('', '-n', '--', "'", "''", '$(id)', '`id`', '$$', '\\', "\\'", 'a\nb\n', '<img onerror=x>'),
);

/** A name for a file, as awkward as the kernel allows. */
export const awkwardName: fc.Arbitrary<string> = awkwardWord
  .map((word) => word.replaceAll('/', '_'))
  .filter((word) => word !== '' && word !== '.' && word !== '..');
