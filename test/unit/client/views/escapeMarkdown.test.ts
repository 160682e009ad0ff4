import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeMarkdown } from '../../../../client/views/escapeMarkdown';
import { plainText } from '../../../../client/views/format';

/** What CommonMark 2.4 makes of it again. */
const shown = (markdown: string): string => markdown.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1');

it('escapeMarkdown leaves no character that could begin markup or a link, and shows the same text', () => {
  const character = fc.oneof(
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
    fc.constantFrom(...'\\`*_{}[]()<>#+-.!|~&:/@"\'=\n\r\t \u202e'),
    fc.constantFrom(
      'https://a.example',
      'www.a.example',
      'a@a.example',
      '<command:a>',
      '[a](command:a)',
      '1. ',
      '    ',
    ),
  );
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const text = characters.join('');
      const markdown = escapeMarkdown(text);
      expect(markdown).toMatch(/^(?:[^\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]|\\[\x21-\x7e])*$/);
      expect(markdown).not.toMatch(/\n|^ | $/);
      expect(shown(markdown)).toBe(plainText(text.replaceAll(/\s+/g, ' ').trim()));
    }),
  );
});
