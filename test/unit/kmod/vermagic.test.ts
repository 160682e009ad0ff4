import { describe, expect, it } from 'vitest';
import { compareMagic, parseVermagic } from '../../../kmod/vermagic';

const DEBIAN = '6.1.0-56-cloud-amd64 SMP preempt mod_unload modversions ';

describe('a vermagic', () => {
  it('is a release and flags', () => {
    expect(parseVermagic(DEBIAN)).toEqual({
      release: '6.1.0-56-cloud-amd64',
      flags: ['SMP', 'preempt', 'mod_unload', 'modversions'],
    });
  });

  it('of the kernel itself fits', () => {
    expect(compareMagic(DEBIAN, DEBIAN, false)).toBeUndefined();
  });

  it('fits without its final blank', () => {
    expect(compareMagic(DEBIAN, DEBIAN.trim(), false)).toBeUndefined();
  });

  it('of another release fits when the module has symbol CRCs', () => {
    const other = DEBIAN.replace('-56-', '-55-');
    expect(compareMagic(other, DEBIAN, true)).toBeUndefined();
    expect(compareMagic(other, DEBIAN, false)).toEqual({ release: true, missing: [], extra: [] });
  });

  it.each([true, false])('with other flags does not fit, CRCs or not', (hasCrcs) => {
    expect(compareMagic('6.1.0-56-cloud-amd64 SMP mod_unload ARMv7 p2v8 ', DEBIAN, hasCrcs)).toEqual({
      release: false,
      missing: ['preempt', 'modversions'],
      extra: ['ARMv7', 'p2v8'],
    });
  });

  it('with the same flags in another order does not fit', () => {
    expect(compareMagic('6.1 b a', '6.1 a b', true)).toEqual({ release: false, missing: [], extra: [] });
  });
});
