import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colouredLine, plainLines, plainText } from '../../../kmod/plainText';

it('plainText shows a sign for each character that moves, hides or turns text', () => {
  expect(plainText('a\x1b\0\n\t\u0085\u202e\u2066\u200b\u2028\ud800\u{e0041}b')).toBe(
    `a${'\ufffd'.repeat(11)}b`,
  );
});

it('plainLines leaves lines and tabs', () => {
  expect(plainLines('a\n\tb\r\n\x1b]0;x\x07')).toBe('a\n\tb\ufffd\n\ufffd]0;x\ufffd');
});

/** Each does something to a terminal: clipboard, link, title, cursor, device control, application command, reset, C1. */
const SEQUENCES = [
  '\x1b]52;c;ZXZpbA==\x07',
  '\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\',
  '\x1b]0;title\x07',
  '\x1b[2J',
  '\x1b[1;1H',
  '\x1b[?1049h',
  '\x1b[6n',
  '\x1bP+q544e\x1b\\',
  '\x1b_Gf=100;AAAA\x1b\\',
  '\x1b^x\x1b\\',
  '\x1bc',
  '\x9b2J',
  '\x9d52;c;ZXZpbA==\x9c',
  '\x0e',
  '\x08\x08',
  '\x1b[31\x1b[2Jm',
  '\x1b[>4;2m',
];
// eslint-disable-next-line no-control-regex -- it is what is looked for.
const withoutColours = (text: string): string => text.replaceAll(/\x1b\[[\d;:]*m/g, '');

describe('colouredLine', () => {
  it('keeps colours, and ends them with the line', () => {
    expect(colouredLine('\x1b[01;31merror:\x1b[m x\ty')).toBe('\x1b[01;31merror:\x1b[m x\ty\x1b[0m');
    expect(colouredLine('plain')).toBe('plain');
  });

  it.each(SEQUENCES)('leaves nothing of %j that a terminal acts on', (sequence) => {
    expect(withoutColours(colouredLine(`a${sequence}b`))).toMatch(/^[^\p{Cc}]*$/u);
  });

  it('leaves nothing, wherever a sequence is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...SEQUENCES, '\x1b[31m', 'text'), fc.string({ unit: 'binary' }))),
        fc.array(fc.nat({ max: 200 })),
        (parts, cuts) => {
          const text = parts.join('');
          const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
          const shown = places.slice(1).map((end, index) => colouredLine(text.slice(places[index], end)));
          expect(withoutColours(shown.join(''))).toMatch(/^(?:[^\p{Cc}\p{Cf}]|\t)*$/u);
        },
      ),
    );
  });
});
