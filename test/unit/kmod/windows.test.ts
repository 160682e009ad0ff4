import { describe, expect, it } from 'vitest';
import { ElfError } from '../../../kmod/elfHeaders';
import { findModinfo } from '../../../kmod/modinfo';
import { Windows } from '../../../kmod/windows';
import { buildModule } from './elfBuilder';

/** A module whose headers are far from its start. */
const file = buildModule(['name=far'], [{ name: '.debug_info', data: Buffer.alloc(1 << 20) }]);

describe('a module that is read in pieces', () => {
  it('takes two reads of some kilobytes', () => {
    const lengths: number[] = [];
    const source = new Windows(
      () => file.length,
      (offset, length) => {
        lengths.push(length);
        return file.subarray(offset, offset + length);
      },
    );
    expect(findModinfo(source).toString()).toBe('name=far\0');
    expect(lengths).toHaveLength(2);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(16 << 10);
  });

  it('is refused when it became shorter meanwhile', () => {
    const short = file.subarray(0, 1000);
    const readPiece = (offset: number, length: number) => short.subarray(offset, offset + length);
    const source = new Windows(() => file.length, readPiece);
    expect(() => findModinfo(source)).toThrow(ElfError);
  });
});
