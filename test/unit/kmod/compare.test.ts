import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { compareModules, isSame, type ComparedBuild, type Comparison } from '../../../kmod/compare';
import { readContents } from '../../../kmod/contents';
import { readDigests } from '../../../kmod/digests';
import { buildModule, buildSymbols, buildVersions, type BuiltSection, type ElfShape } from './elfBuilder';

const shape: ElfShape = { bits: 64, byteOrder: 'little' };

const buildOf = (modinfo: readonly string[], sections: readonly BuiltSection[]): ComparedBuild => {
  const source = sourceOf(buildModule(modinfo, sections));
  return { contents: readContents(source, 'a.ko'), digests: readDigests(source) };
};

const build = (modinfo: readonly string[], crcs: Readonly<Record<string, number>> = {}): ComparedBuild =>
  buildOf(modinfo, [
    ...buildSymbols(
      shape,
      Object.keys(crcs).map((name) => ({ name })),
    ),
    { name: '__versions', data: buildVersions(shape, Object.entries(crcs)) },
  ]);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

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

  it('differ in sections, by size and by content', () => {
    const sections = (...datas: readonly string[]): Comparison['sections'] => {
      const [before, after] = datas.map((data) => buildOf([], [{ name: '.mine', data }]));
      return before === undefined || after === undefined ? [] : compareModules(before, after).sections;
    };
    expect(sections('abc', 'abc')).toEqual([]);
    expect(sections('abc', 'abd')).toEqual([
      { key: '.mine', before: { size: 3, digest: sha256('abc') }, after: { size: 3, digest: sha256('abd') } },
    ]);
    expect(sections('abc', 'abcd').map(({ before, after }) => [before?.size, after?.size])).toEqual([[3, 4]]);
  });

  it('take the sections of one name together', () => {
    const before = buildOf(
      [],
      [
        { name: '.data', data: 'ab' },
        { name: '.data', data: 'c' },
      ],
    );
    expect(before.digests.get('.data')).toBe(sha256('abc'));
  });

  it('differ in build ID and signature', () => {
    const { contents, digests } = build(['license=GPL']);
    const signature = { idType: 'PKCS#7', signer: 'me', keyId: '01', hashAlgorithm: 'sha256', signature: '' };
    const signed = {
      contents: { ...contents, info: { ...contents.info, buildId: 'ab', signature } },
      digests,
    };
    expect(compareModules({ contents, digests }, signed).fields).toEqual([
      { key: 'build ID', after: ['ab'] },
      { key: 'sig_hashalgo', after: ['sha256'] },
      { key: 'sig_key', after: ['01'] },
      { key: 'signer', after: ['me'] },
    ]);
  });

  it('differ where one is signed in a way that modinfo does not read', () => {
    const { contents, digests } = build(['license=GPL']);
    const signed = { contents: { ...contents, info: { ...contents.info, signed: true as const } }, digests };
    expect(compareModules({ contents, digests }, signed).fields).toEqual([
      { key: 'signature', after: ['of a kind that modinfo does not read'] },
    ]);
  });
});
