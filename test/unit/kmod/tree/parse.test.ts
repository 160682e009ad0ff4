import { describe, expect, it } from 'vitest';
import {
  loadOrder,
  parseModulesAlias,
  parseModulesBuiltin,
  parseModulesBuiltinModinfo,
  parseModulesDep,
  parseModulesSoftdep,
} from '../../../../kmod/tree/parse';

const DEP = `kernel/net/virtio_net.ko.xz: kernel/net/net_failover.ko.xz kernel/virtio/virtio.ko.xz
kernel/snd-hda-intel.ko:
/opt/board/edge.ko: kernel/snd-hda-intel.ko

`;

describe('modules.dep', () => {
  it('is read by module name', () => {
    const modules = parseModulesDep(DEP);
    expect([...modules.keys()]).toEqual(['virtio_net', 'snd_hda_intel', 'edge']);
    expect(modules.get('snd_hda_intel')).toEqual({ path: 'kernel/snd-hda-intel.ko', dependencies: [] });
    expect(modules.get('edge')?.path).toBe('/opt/board/edge.ko');
  });

  it('gives the order in which modprobe inserts', () => {
    expect(loadOrder(parseModulesDep(DEP), 'virtio-net')).toEqual([
      'kernel/virtio/virtio.ko.xz',
      'kernel/net/net_failover.ko.xz',
      'kernel/net/virtio_net.ko.xz',
    ]);
  });

  it('has no order for a module that it does not list', () => {
    expect(loadOrder(parseModulesDep(DEP), 'hello')).toBeUndefined();
  });
});

describe('modules.builtin', () => {
  it('is read as names', () => {
    expect(parseModulesBuiltin('kernel/fs/binfmt-script.ko\nkernel/net/unix.ko\n')).toEqual(
      new Set(['binfmt_script', 'unix']),
    );
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
    expect(parseModulesSoftdep(text)).toEqual([
      { module: 'nf_x', pre: ['a', 'b', 'd'], post: ['c'] },
      { module: 'cifs', pre: [], post: [] },
    ]);
  });
});
