import { describe, expect, it } from 'vitest';
import {
  parseModulesAlias,
  parseModulesBuiltin,
  parseModulesBuiltinModinfo,
  parseModulesDevname,
  parseModulesSoftdep,
  parseModulesWeakdep,
} from '../../../../kmod/tree/parse';

describe('modules.builtin', () => {
  it('is read as paths by name', () => {
    expect([...parseModulesBuiltin('kernel/fs/binfmt-script.ko\nkernel/net/unix.ko\n')]).toEqual([
      ['binfmt_script', 'kernel/fs/binfmt-script.ko'],
      ['unix', 'kernel/net/unix.ko'],
    ]);
  });
});

describe('modules.builtin.modinfo', () => {
  it('tells of each module in the kernel image what a file would', () => {
    const bytes = Buffer.from(
      'unix.alias=net-pf-1\0unix.license=GPL\0kvm.parm=halt.ns:wait\0kvm.parmtype=halt.ns:uint\0no dot\0',
    );
    const modules = parseModulesBuiltinModinfo(bytes);
    expect([...modules.keys()]).toEqual(['unix', 'kvm']);
    expect(modules.get('unix')).toEqual({
      name: 'unix',
      entries: [
        { key: 'alias', value: 'net-pf-1' },
        { key: 'license', value: 'GPL' },
      ],
      parameters: [],
    });
    expect(modules.get('kvm')?.parameters).toEqual([{ name: 'halt.ns', description: 'wait', type: 'uint' }]);
  });
});

describe('modules.alias', () => {
  it('is read as patterns, comments and other lines left out', () => {
    expect(parseModulesAlias('# Aliases\nalias pci:v*d* snd-hda-intel\nalias lonely\n\nfoo a b\n')).toEqual([
      { pattern: 'pci:v*d*', module: 'snd_hda_intel' },
    ]);
  });
});

describe('modules.softdep', () => {
  it('is read by section, and names before the first count for none', () => {
    const text = '# Soft dependencies\nsoftdep nf-x pre: a b post: c pre: d\nsoftdep cifs gcm\n';
    expect([...parseModulesSoftdep(text)]).toEqual([
      { module: 'nf_x', pre: ['a', 'b', 'd'], post: ['c'] },
      { module: 'cifs', pre: [], post: [] },
    ]);
  });
});

describe('modules.weakdep', () => {
  it('is read by module', () => {
    expect([...parseModulesWeakdep('# Weak dependencies\nweakdep snd-a b c-d\nweakdep\n')]).toEqual([
      { module: 'snd_a', names: ['b', 'c-d'] },
    ]);
  });
});

describe('modules.devname', () => {
  it('is read by node, and lines without numbers are left out', () => {
    expect([
      ...parseModulesDevname('# Device nodes\nfuse fuse c10:229\nbtrfs btrfs-control\nx y z\n'),
    ]).toEqual([{ module: 'fuse', path: 'fuse', device: 'c10:229' }]);
  });
});
