import { describe, expect, it } from 'vitest';
import { inLoadOrder, inUnloadOrder } from '../../../../client/kernel/order';

const module = (name: string, depends: string) => ({
  info: { name, entries: [{ key: 'depends', value: depends }], parameters: [] },
});
const names = (modules: readonly { info: { name: string } }[]): string[] =>
  modules.map(({ info }) => info.name);

describe('inLoadOrder', () => {
  it('puts what others depend on first, through any depth', () => {
    const modules = [module('top', 'middle'), module('middle', 'base'), module('base', '')];
    expect(names(inLoadOrder(modules))).toEqual(['base', 'middle', 'top']);
  });

  it('takes a dash and an underscore for one', () => {
    expect(names(inLoadOrder([module('top', 'the-base'), module('the_base', '')]))).toEqual([
      'the_base',
      'top',
    ]);
  });

  it('leaves dependencies on modules outside the list alone', () => {
    expect(names(inLoadOrder([module('a', 'usbcore,elsewhere'), module('b', '')]))).toEqual(['a', 'b']);
  });

  it('ends on a cycle and keeps every module', () => {
    expect(names(inLoadOrder([module('a', 'b'), module('b', 'a')])).sort()).toEqual(['a', 'b']);
  });
});

describe('inUnloadOrder', () => {
  const loaded = [
    { name: 'base', usedBy: ['middle'] },
    { name: 'middle', usedBy: ['top'] },
    { name: 'top', usedBy: [] },
  ];

  it('puts dependants first', () => {
    expect(inUnloadOrder(loaded, ['base', 'middle', 'top'])).toEqual(['top', 'middle', 'base']);
  });

  it('ends on a cycle, which a target may tell, and keeps every name', () => {
    const cycle = [
      { name: 'a', usedBy: ['b'] },
      { name: 'b', usedBy: ['a', 'b'] },
    ];
    expect(inUnloadOrder(cycle, ['a', 'b'])).toEqual(['b', 'a']);
  });

  it('unloads nothing that was not asked for', () => {
    expect(inUnloadOrder(loaded, ['base'])).toEqual(['base']);
  });

  it('keeps names that are not loaded, so that the kernel can say so', () => {
    expect(inUnloadOrder(loaded, ['gone', 'top'])).toEqual(['gone', 'top']);
  });
});
