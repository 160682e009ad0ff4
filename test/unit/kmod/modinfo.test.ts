import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { allValues, firstValue, readModuleFile, readModuleInfo } from '../../../kmod/modinfo';
import { buildElf, buildIdNote, buildModule, SHAPES } from './elfBuilder';

describe('what a module says of itself', () => {
  it('is every .modinfo string in file order', async () => {
    const info = await readModuleInfo(
      buildModule(['', 'license=GPL', 'alias=pci:v1', '', 'alias=pci:v2', 'intree', 'version=a=b']),
      'hello.ko',
    );
    expect(info.entries).toEqual([
      { key: 'license', value: 'GPL' },
      { key: 'alias', value: 'pci:v1' },
      { key: 'alias', value: 'pci:v2' },
      { key: 'intree', value: '' },
      { key: 'version', value: 'a=b' },
    ]);
    expect(firstValue(info, 'alias')).toBe('pci:v1');
    expect(allValues(info, 'alias')).toEqual(['pci:v1', 'pci:v2']);
  });

  it('ends with the section even without a NUL', async () => {
    const sections = [{ name: '.modinfo', data: 'license=GPL\0author=me' }];
    const info = await readModuleInfo(buildElf({ bits: 64, byteOrder: 'little' }, sections), 'a.ko');
    expect(firstValue(info, 'author')).toBe('me');
  });

  it('merges parm and parmtype by name, in the order of first appearance', async () => {
    const modinfo = [
      'parm=who:whom to greet: a name',
      'parmtype=count:int',
      'parmtype=who:charp',
      'parm=lonely:no type',
      'parm=without colon',
    ];
    const { parameters } = await readModuleInfo(buildModule(modinfo), 'hello.ko');
    expect(parameters).toEqual([
      { name: 'who', description: 'whom to greet: a name', type: 'charp' },
      { name: 'count', type: 'int' },
      { name: 'lonely', description: 'no type' },
    ]);
  });

  it('names itself, whatever its file is called', async () => {
    expect((await readModuleInfo(buildModule(['name=foo_bar']), '/tmp/upload-1.ko')).name).toBe('foo_bar');
  });

  it('is named after its file where it does not', async () => {
    expect((await readModuleInfo(buildModule(['license=GPL']), '/x/foo-bar.ko.gz')).name).toBe('foo_bar');
  });

  it('keeps an author in UTF-8 readable', async () => {
    const info = await readModuleInfo(buildModule(['author=Jürgen Groß']), 'a.ko');
    expect(firstValue(info, 'author')).toBe('Jürgen Groß');
  });

  it.each(SHAPES)('tells the build-id in $bits bits, $byteOrder-endian', async (shape) => {
    const note = buildIdNote(shape, Buffer.from('00ff10', 'hex'));
    const file = buildModule(['name=a'], [{ name: '.note.gnu.build-id', type: 7, data: note }], shape);
    expect(await readModuleInfo(file, 'a.ko')).toMatchObject({ buildId: '00ff10', architecture: 'x86_64' });
  });

  it.each([
    ['too short', Buffer.alloc(8)],
    ['longer in its header than in the file', Buffer.from('04000000ff00000003000000474e5500aabb', 'hex')],
    ['of another kind', Buffer.from('040000000200000001000000474e5500aabb', 'hex')],
  ])('has no build-id where the note is %s', async (_what, data) => {
    const info = await readModuleInfo(
      buildModule(['name=a'], [{ name: '.note.gnu.build-id', data }]),
      'a.ko',
    );
    expect(info).not.toHaveProperty('buildId');
  });

  it('is read from a compressed file too', async () => {
    expect((await readModuleInfo(gzipSync(buildModule(['name=packed'])), 'packed.ko.gz')).name).toBe(
      'packed',
    );
  });

  it('is nothing where there is no .modinfo', async () => {
    const object = buildElf({ bits: 64, byteOrder: 'little' }, [{ name: '.text', data: 'code' }]);
    await expect(readModuleInfo(object, 'main.o')).rejects.toThrow(
      'no .modinfo section: not a kernel module',
    );
  });

  it.each([
    ['__versions', true],
    ['__version_ext_crcs', true],
    ['__ksymtab', false],
  ])('with a section %s has symbol CRCs: %s', async (name, hasCrcs) => {
    const file = buildModule(['name=a'], [{ name, data: 'x' }]);
    expect(await readModuleFile(file, 'a.ko')).toMatchObject({ hasCrcs, bits: 64 });
  });
});
