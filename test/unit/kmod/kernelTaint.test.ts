import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelTaints } from '../../../kmod/kernelTaint';

describe('kernelTaints', () => {
  it('has a letter and a meaning for each bit, in their order', () => {
    const letters = (value: number): string =>
      kernelTaints(value)
        .map(({ letter }) => letter)
        .join('');
    expect(letters(0)).toBe('');
    expect(letters((1 << 12) | (1 << 13))).toBe('OE');
    expect(letters((1 << 20) - 1)).toBe('PFSRMBUDAWCIOELKXTNJ');
    expect(kernelTaints(1 << 25)).toEqual([{ letter: '?', meaning: expect.stringContaining('bit 25') }]);
  });

  it('reads what this machine’s own kernel says', () => {
    const value = Number(readFileSync('/proc/sys/kernel/tainted', 'utf8'));
    expect(kernelTaints(value).length > 0).toBe(value !== 0);
  });
});
