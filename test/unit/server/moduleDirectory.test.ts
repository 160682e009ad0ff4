import { mkdir, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotARegularFileError } from '../../../engine/files/fileErrors';
import { ModuleDirectory, NoModulesError } from '../../../server/catalog/moduleDirectory';
import { KERNEL, Sysroot } from './sysroot';

let sysroot: Sysroot;

beforeEach(async () => {
  sysroot = await Sysroot.create();
});

afterEach(() => sysroot.remove());

describe('ModuleDirectory', () => {
  it('lists modules, built-in ones included, and the aliases that a person may write', async () => {
    await sysroot.install('6.1.0', KERNEL);
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    const index = await directory.readIndex();
    expect([...index.names].sort()).toEqual(['a_b', 'c', 'd', 'ext4', 'passwd']);
    expect(index.aliases).toEqual(['char-major-10-*', 'fs-ext4']);
    expect(directory.origin).toEqual({ label: sysroot.path, release: '6.1.0' });
  });

  it('resolves aliases of modules and of what is built in', async () => {
    await sysroot.install('6.1.0', KERNEL);
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    expect(await directory.resolve('pci:v1d2')).toEqual(['c']);
    expect(await directory.resolve('fs_ext4')).toEqual(['ext4']);
    expect(await directory.resolve('nope')).toEqual([]);
  });

  it('finds the aliases of devices that begin with a text, those of what is built in as well', async () => {
    await sysroot.install('6.1.0', KERNEL);
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    expect(await directory.deviceAliases('PCI:')).toEqual(['pci:v1*', 'pci:x']);
    expect(await directory.deviceAliases('pci:v')).toEqual(['pci:v1*']);
    expect(await directory.deviceAliases('fs')).toEqual([]);
  });

  it('tells which modules depend on one, without those that depend on these', async () => {
    const dep = 'kernel/a-b.ko: kernel/c.ko kernel/d.ko\nkernel/c.ko: kernel/d.ko\nkernel/d.ko:\n';
    await sysroot.install('6.1.0', { ...KERNEL, 'modules.dep': dep });
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    expect(await directory.dependants('d')).toEqual(['c']);
    expect(await directory.dependants('c')).toEqual(['a_b']);
  });

  it('lets others run while it reads many aliases', async () => {
    const count = 10_000;
    const lines = Array.from({ length: count }, (_, n) => `alias ${n % 2 === 0 ? 'a' : 'pci:'}${n}* c\n`);
    await sysroot.install('6.1.0', { ...KERNEL, 'modules.alias': lines.join('') });
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    // No time is left of any slice: each step is a turn of its own.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1_000));
    const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
      let turns = 0;
      const tick = (): void => {
        turns++;
        next = setImmediate(tick);
      };
      let next = setImmediate(tick);
      await work();
      clearImmediate(next);
      return turns;
    };
    try {
      const steps = count / 256;
      expect(await turnsOf(() => directory.readIndex())).toBeGreaterThan(2 * steps);
      expect(await turnsOf(() => directory.deviceAliases('pci:'))).toBeGreaterThan(steps);
      expect(await turnsOf(() => directory.resolve('pci:1'))).toBeGreaterThan(4 * steps);
      expect(await turnsOf(() => directory.dependants('c'))).toBeGreaterThan(0);
    } finally {
      clock.mockRestore();
    }
  });

  it('finds the files of modules, but none outside of the sysroot', async () => {
    const kernel = await sysroot.install('6.1.0', KERNEL);
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    expect(await directory.pathOf('a_b')).toBe(join(kernel, 'kernel/a-b.ko.xz'));
    expect(await directory.pathOf('d')).toBe(join(sysroot.path, 'opt/d.ko'));
    expect(await directory.pathOf('passwd')).toBeUndefined();
    expect(await directory.pathOf('ext4')).toBeUndefined();
  });

  it('reads a built-in module, and knows no other', async () => {
    await sysroot.install('6.1.0', KERNEL);
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    expect((await directory.readInfo('ext4'))?.entries).toContainEqual({ key: 'license', value: 'GPL' });
    expect(await directory.readInfo('nope')).toBeUndefined();
  });

  it('takes the newest release that depmod has seen, or the one that is asked for', async () => {
    await sysroot.install('6.1.9', KERNEL);
    await sysroot.install('6.1.10', KERNEL);
    await sysroot.install('6.2.0', {});
    expect((await ModuleDirectory.open({ sysroot: sysroot.path, release: '' })).origin.release).toBe(
      '6.1.10',
    );
    expect((await ModuleDirectory.open({ sysroot: sysroot.path, release: '6.1.9' })).origin.release).toBe(
      '6.1.9',
    );
    await expect(ModuleDirectory.open({ sysroot: sysroot.path, release: '6.2.0' })).rejects.toThrow(
      NoModulesError,
    );
  });

  it('says where it looked when there is nothing', async () => {
    await expect(ModuleDirectory.open({ sysroot: sysroot.path, release: '' })).rejects.toThrow(
      join(sysroot.path, 'lib/modules'),
    );
  });

  it('is stale once depmod ran', async () => {
    const kernel = await sysroot.install('6.1.0', KERNEL);
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    expect(await directory.isStale()).toBe(false);
    await utimes(join(kernel, 'modules.dep'), 1, 1);
    expect(await directory.isStale()).toBe(true);
  });

  it('reads no device or directory as a module', async () => {
    const kernel = await sysroot.install('6.1.0', { 'modules.dep': 'endless.ko:\ndirectory.ko:\n' });
    await symlink('/dev/zero', join(kernel, 'endless.ko'));
    await mkdir(join(kernel, 'directory.ko'));
    const directory = await ModuleDirectory.open({ sysroot: sysroot.path, release: '' });
    // As in a chroot: there is no /dev/zero in the sysroot.
    await expect(directory.readInfo('endless')).rejects.toThrow('ENOENT');
    await expect(directory.readInfo('directory')).rejects.toThrow(NotARegularFileError);
  });
});
