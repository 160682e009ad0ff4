import { describe, expect, it } from 'vitest';
import { findInModulesSymbols, findInSymvers } from '../../../kmod/symvers';

const wanted = new Set(['_printk', 'virtio_add', 'mdev_register']);

describe('Module.symvers', () => {
  it('tells exporter, CRC, licence and namespace of the wanted symbols', () => {
    const text = [
      '0x92997ed8\t_printk\tvmlinux\tEXPORT_SYMBOL\t',
      '0x00000001\tunwanted\tvmlinux\tEXPORT_SYMBOL\t',
      '0xdeadbeef\tvirtio_add\tdrivers/virtio/virtio-ring\tEXPORT_SYMBOL_GPL\tVIRTIO',
      '',
    ].join('\n');
    expect([...findInSymvers(text, wanted)]).toEqual([
      ['_printk', { crc: 0x92997ed8, exporter: 'vmlinux', gplOnly: false }],
      ['virtio_add', { crc: 0xdeadbeef, exporter: 'virtio_ring', gplOnly: true, namespace: 'VIRTIO' }],
    ]);
  });

  it('is read in the forms of Linux 5.3 and 5.4 too', () => {
    const text =
      '0x00000005\t_printk\tvmlinux\tEXPORT_SYMBOL\n0x00000006\tmdev_register\tMDEV\tdrivers/vfio/mdev\tEXPORT_SYMBOL_GPL\n';
    expect([...findInSymvers(text, wanted)]).toEqual([
      ['_printk', { crc: 5, exporter: 'vmlinux', gplOnly: false }],
      ['mdev_register', { crc: 6, exporter: 'mdev', gplOnly: true, namespace: 'MDEV' }],
    ]);
  });

  it('may hold lines that are none', () => {
    expect([...findInSymvers('nonsense\n0x1\t_printk\n\t\t\t\n', wanted)]).toEqual([]);
  });
});

it('takes the exporting modules from modules.symbols', () => {
  const text =
    '# Aliases for symbols, used by symbol_request().\nalias symbol:virtio_add virtio_ring\nalias symbol:x y\n';
  expect([...findInModulesSymbols(text, wanted)]).toEqual([['virtio_add', 'virtio_ring']]);
});
