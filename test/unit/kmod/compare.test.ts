import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { compareModules, isSame, type Comparison } from '../../../kmod/compare';
import { readContents, type ModuleContents } from '../../../kmod/contents';
import { buildModule, buildSymbols, buildVersions, type ElfShape } from './elfBuilder';

const shape: ElfShape = { bits: 64, byteOrder: 'little' };

const build = (modinfo: readonly string[], crcs: Readonly<Record<string, number>> = {}): ModuleContents =>
  readContents(
    sourceOf(
      buildModule(modinfo, [
        ...buildSymbols(
          shape,
          Object.keys(crcs).map((name) => ({ name })),
        ),
        { name: '__versions', data: buildVersions(shape, Object.entries(crcs)) },
      ]),
    ),
    'a.ko',
  );

const compare = (
  ...sides: readonly [before: Parameters<typeof build>, after: Parameters<typeof build>]
): Comparison => compareModules(build(...sides[0]), build(...sides[1]));

describe('two builds', () => {
  it('are the same when nothing that is compared differs', () => {
    const module = build(['name=a', 'parm=x:text', 'alias=b'], { _printk: 1 });
    expect(isSame(compareModules(module, module))).toBe(true);
  });

  it('differ in fields, by all values of a field', () => {
    const { fields } = compare(
      [['version=1', 'author=a', 'author=b']],
      [['license=GPL', 'author=a', 'author=c']],
    );
    expect(fields).toEqual([
      { key: 'author', before: ['a', 'b'], after: ['a', 'c'] },
      { key: 'license', after: ['GPL'] },
      { key: 'version', before: ['1'] },
    ]);
  });

  it('differ in parameters, by type and description', () => {
    const { parameters, fields } = compare(
      [['parmtype=x:int', 'parm=x:text', 'parmtype=y:int']],
      [['parmtype=x:uint', 'parm=x:text', 'parmtype=z:int']],
    );
    expect(fields).toEqual([]);
    expect(parameters).toEqual([
      {
        key: 'x',
        before: { name: 'x', type: 'int', description: 'text' },
        after: { name: 'x', type: 'uint', description: 'text' },
      },
      { key: 'y', before: { name: 'y', type: 'int' } },
      { key: 'z', after: { name: 'z', type: 'int' } },
    ]);
  });

  it('differ in aliases', () => {
    expect(compare([['alias=fs-a', 'alias=fs-b']], [['alias=fs-b', 'alias=fs-c']]).aliases).toEqual([
      { key: 'fs-a', before: 'fs-a' },
      { key: 'fs-c', after: 'fs-c' },
    ]);
  });

  it('differ in the CRCs of what they import', () => {
    const { imports } = compare([[], { _printk: 1, old: 2 }], [[], { _printk: 3 }]);
    expect(imports).toEqual([
      {
        key: '_printk',
        before: { name: '_printk', crc: 1, weak: false },
        after: { name: '_printk', crc: 3, weak: false },
      },
      { key: 'old', before: { name: 'old', crc: 2, weak: false } },
    ]);
  });

  it('differ in the sizes of sections', () => {
    const { sections } = compare([['a=1']], [['a=12345']]);
    expect(sections).toEqual([{ key: '.modinfo', before: 4, after: 8 }]);
  });
});
