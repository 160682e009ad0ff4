import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish, Once, sortInSteps } from '../../../kmod/steps';

describe('What is worked out once', () => {
  it('fails once, and tells the same error to all who ask', () => {
    let times = 0;
    const once = new Once<number>(function* () {
      times++;
      yield;
      throw new Error('too large');
    });
    finish(once.prepare());
    expect(() => once.get()).toThrow('too large');
    expect(() => once.get()).toThrow('too large');
    expect(times).toBe(1);
  });

  it('is gone on with where it was left, whoever needs it first', () => {
    const done: number[] = [];
    const once = new Once<string>(function* () {
      for (let part = 0; part < 5; part++) {
        done.push(part);
        yield;
      }
      return 'all';
    });
    const preparing = once.prepare();
    preparing.next();
    preparing.next();
    expect(once.get()).toBe('all');
    finish(preparing);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('Sorting in steps', () => {
  it('is sorting', () => {
    const item = fc.record({ key: fc.nat(50), place: fc.nat() });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5000, size: 'max' }), (items) => {
        const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
        expect(finish(sortInSteps(items, compare))).toEqual(items.toSorted(compare));
      }),
      { numRuns: 20 },
    );
  });
});
