import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  code,
  codeBlock,
  commandLink,
  fileLink,
  hoverSource,
  joinMarkdown,
  prose,
  type Markdown,
} from '../../../kmod/markdown';
import { plainText } from '../../../kmod/plainText';
import { foreignMarkup, HOSTILE, hostileText, shownText } from '../rendered';

const LINKS = ['file:///', 'command:kmod.openLine?'];

/** Every place that a text may take. */
const PLACES: Readonly<Record<string, (text: string) => Markdown>> = {
  'a paragraph': (text) => prose`${text}`,
  'bold words': (text) => prose`a **${text}** b`,
  'words in brackets': (text) => prose`[${text}] (${text})`,
  'a heading': (text) => prose`# ${text}\n\n## ${text}`,
  'a list': (text) => joinMarkdown([text, prose`- ${text}`, prose`1. ${text}\n   - ${text}`], '\n'),
  'lines below each other': (text) => joinMarkdown([text, text, text], '  \n'),
  'words beside each other': (text) => joinMarkdown([text, text], ''),
  code: (text) => prose`${text}${code(text)}${text} ${code(text)}`,
  'a block of code': (text) => prose`${codeBlock(text)}\n\n${text}`,
  'a link': (text) =>
    prose`${text}${fileLink(text, `file:///${text}`)} ${commandLink(text, 'kmod.openLine', text)}`,
};

describe.each(Object.entries(PLACES))('a text in %s', (_, place) => {
  it.each(HOSTILE)('is no markup: %j', (text) => {
    expect(foreignMarkup(place(text).source, LINKS)).toEqual([]);
  });

  it('is no markup, whatever it is', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(foreignMarkup(place(text).source, LINKS)).toEqual([]);
      }),
    );
  });
});

it('a text shows itself, in one line, with signs for what nobody would see', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(shownText(prose`a${text}b`.source)).toBe(`a${plainText(text.replace(/\s+/g, ' ').trim())}b\n`);
    }),
  );
  expect(prose`${'\u202e\x1b[2J\u2066'}`.source).toBe('\ufffd\ufffd\\[2J\ufffd');
});

it('a code shows its text between backticks that the text has not', () => {
  expect(code('a``b').source).toBe('``` a``b ```');
  expect(code('a\n\n`b').source).toBe('`` a `b ``');
  expect(code('').source).toBe('');
});

it('a link leads to nothing but a file of this machine or a command of ours', () => {
  expect(fileLink('x', 'https://evil.example').source).toBe('x');
  expect(fileLink('x', 'file://evil.example/x').source).toBe('x');
  expect(fileLink('x', 'command:workbench.action.quit').source).toBe('x');
  expect(fileLink('a)b', 'file:///a)b(`<').source).toBe('[a\\)b](file:///a%29b%28%60%3c)');
});

it('parts that are empty are left out, also texts of blanks', () => {
  expect(joinMarkdown(['a', undefined, '', ' \n', prose``, 'b'], ', ').source).toBe('a, b');
});

it('a long text is cut, and a long hover between two lines', () => {
  expect(prose`${'x'.repeat(1_000_000)}`.source).toBe(`${'x'.repeat(1000)}…`);
  const line = code('![x](https://evil.example)');
  const long = joinMarkdown(Array.from({ length: 5000 }, () => line));
  expect(long.source.length).toBeGreaterThan(100_000);
  expect(foreignMarkup(hoverSource(long))).toEqual([]);
  expect(hoverSource(long).length).toBeLessThan(51_000);
  expect(
    hoverSource(
      joinMarkdown(
        Array.from({ length: 5000 }, () => line),
        ', ',
      ),
    ),
  ).toBe('\n\n…');
});
