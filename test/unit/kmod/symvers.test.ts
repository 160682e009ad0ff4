import { describe, expect, it } from 'vitest';
import { finish } from '../../../kmod/steps';
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
    expect([...finish(findInSymvers(text, wanted))]).toEqual([
      ['_printk', { crc: 0x92997ed8, exporter: 'vmlinux', gplOnly: false }],
      ['virtio_add', { crc: 0xdeadbeef, exporter: 'virtio_ring', gplOnly: true, namespace: 'VIRTIO' }],
    ]);
  });

  it('is read in the forms of Linux 5.3 and 5.4 too', () => {
    const text =
      '0x00000005\t_printk\tvmlinux\tEXPORT_SYMBOL\n0x00000006\tmdev_register\tMDEV\tdrivers/vfio/mdev\tEXPORT_SYMBOL_GPL\n';
    expect([...finish(findInSymvers(text, wanted))]).toEqual([
      ['_printk', { crc: 5, exporter: 'vmlinux', gplOnly: false }],
      ['mdev_register', { crc: 6, exporter: 'mdev', gplOnly: true, namespace: 'MDEV' }],
    ]);
  });

  it('may hold lines that are none', () => {
    expect([...finish(findInSymvers('nonsense\n0x1\t_printk\n\t\t\t\n', wanted))]).toEqual([]);
    expect([...finish(findInSymvers('_printk', wanted))]).toEqual([]);
  });

  it('is read in steps, and no line that nobody writes is taken apart', () => {
    const text = `${'0x1\tx\tvmlinux\tEXPORT_SYMBOL\t\n'.repeat(10_000)}0x1\t_printk${'\ta'.repeat(5_000)}\tEXPORT_SYMBOL\t\n`;
    const steps = findInSymvers(text, wanted);
    let count = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) count++;
    expect(count).toBeGreaterThan(10_000 / 500);
    expect(step.value.size).toBe(0);
  });
});

it('takes the exporting modules from modules.symbols', () => {
  const text =
    '# Aliases for symbols, used by symbol_request().\nalias symbol:virtio_add virtio_ring\nalias symbol:x y\n';
  expect([...finish(findInModulesSymbols(text, wanted))]).toEqual([['virtio_add', 'virtio_ring']]);
});
