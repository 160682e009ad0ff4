import { describe, expect, it } from 'vitest';
import { formatSize } from '../../../../client/kernel/formatSize';

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [6861, '6.7 KB'],
    [16384, '16 KB'],
    [1_258_291, '1.2 MB'],
    [5 * 1024 ** 3, '5 GB'],
  ])('shows %d bytes as %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));
});
