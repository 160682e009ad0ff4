import { describe, expect, it } from 'vitest';
import { valueHints } from '../../../kmod/config/valueHints';

const told = (type: string, description: string) =>
  valueHints({ name: 'p', type, description }).map(({ value, meaning }) => [value, meaning]);

describe('valueHints', () => {
  it.each([
    [
      'FUA support (0=off [default], 1=on)',
      [
        ['0', 'off'],
        ['1', 'on'],
      ],
    ],
    [
      'DMA (0x1==ATA, 0x2==ATAPI, 0x4==CF)',
      [
        ['0x1', 'ATA'],
        ['0x2', 'ATAPI'],
        ['0x4', 'CF'],
      ],
    ],
    [
      'mode: -1 = auto, 0 = none or 1 = all. Default=0',
      [
        ['-1', 'auto'],
        ['0', 'none'],
        ['1', 'all'],
      ],
    ],
    [
      "0 - don't use MSI-X, 1 - use MSI-X, >1 - limit",
      [
        ['0', "don't use MSI-X"],
        ['1', 'use MSI-X'],
      ],
    ],
  ])('reads %j', (description, expected) => {
    expect(told('int', description)).toEqual(expected);
  });

  it('reads the choices of a text', () => {
    expect(told('charp', 'Mode [off|on|auto]').map(([value]) => value)).toEqual(['off', 'on', 'auto']);
  });

  it('knows what a bool takes', () => {
    for (const type of ['bool', 'invbool', 'bint', 'array of bool']) {
      expect(told(type, '').map(([value]) => value)).toEqual(['Y', 'N', '1', '0']);
    }
  });

  it('guesses nothing', () => {
    for (const text of ['Number of rings (default: 16)', 'since 2.6: see a=1', '', 'a|b'])
      expect(told('int', text)).toEqual([]);
  });
});
