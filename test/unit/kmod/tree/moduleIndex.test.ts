import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../../kmod/budget';
import { buildIndex } from '../../../../kmod/tree/buildIndex';
import { ModuleIndex } from '../../../../kmod/tree/moduleIndex';

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;
const CHILDREN = 0x20000000;
const VALUES = 0x40000000;

/** An index of so many levels, whose children "*" and "?" are one and the same node. */
function buildShared(levels: number): Buffer {
  const slots = QUESTION_MARK - STAR + 1;
  const bytes = Buffer.alloc(22 + levels * (2 + 4 * slots));
  bytes.writeUInt32BE(0xb007f457, 0);
  bytes.writeUInt32BE(0x00020001, 4);
  // One value: of priority 0, "m".
  bytes.writeUInt32BE(1, 12);
  bytes.write('m', 20);
  let below = (VALUES | 12) >>> 0;
  for (let level = 0; level < levels; level++) {
    const node = 22 + level * (2 + 4 * slots);
    bytes.set([STAR, QUESTION_MARK], node);
    bytes.writeUInt32BE(below, node + 2);
    bytes.writeUInt32BE(below, node + 2 + 4 * (slots - 1));
    below = (CHILDREN | node) >>> 0;
  }
  bytes.writeUInt32BE(below, 8);
  return bytes;
}

describe('An index that was made to take long', () => {
  it('by nodes that share what is below them is given up, and stays so', () => {
    expect(ModuleIndex.open(buildShared(2))?.searchPatterns('ab')).toEqual(['m', 'm', 'm', 'm']);
    const index = ModuleIndex.open(buildShared(24));
    for (let time = 0; time < 1000; time++) {
      expect(() => index?.searchPatterns('a'.repeat(40))).toThrow(BudgetError);
    }
  });

  it('by a node that is its own child has an end', () => {
    const bytes = Buffer.alloc(100);
    bytes.writeUInt32BE(0xb007f457, 0);
    bytes.writeUInt32BE(0x00020001, 4);
    bytes.writeUInt32BE((CHILDREN | 12) >>> 0, 8);
    bytes.set([0x2a, 0x2a], 12);
    bytes.writeUInt32BE((CHILDREN | 12) >>> 0, 14);
    expect(ModuleIndex.open(bytes)?.searchPatterns('abc')).toEqual([]);
    expect(ModuleIndex.open(bytes)?.search('***')).toBeUndefined();
  });

  it('by its size is not built', () => {
    const entries = Array.from({ length: 18_000 }, (_, n) => ({
      key: n.toString(36).padStart(4, '0').padEnd(4000, 'x'),
      value: 'm',
      priority: 0,
    }));
    expect(() => buildIndex(entries)).toThrow(BudgetError);
  });

  it('by names that are longer than any that a kernel asks for finds nothing', () => {
    const index = ModuleIndex.open(buildIndex([{ key: '*', value: 'm', priority: 0 }]));
    expect(index?.searchPatterns('a'.repeat(4095))).toEqual(['m']);
    expect(index?.searchPatterns('a'.repeat(4096))).toEqual([]);
  });
});
