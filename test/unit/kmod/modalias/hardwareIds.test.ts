import { describe, expect, it } from 'vitest';
import { decodeAlias } from '../../../../kmod/modalias/decode';
import { describeAlias, HardwareIds } from '../../../../kmod/modalias/hardwareIds';

const pci = new HardwareIds(
  [
    '# comment',
    '',
    '1af4  Red Hat, Inc.',
    '\t1000  Virtio network device',
    '\t\t1af4 0001  QEMU card',
    '\t1001  Virtio block device',
    '8086  Intel Corporation',
    '\t100e  82540EM Gigabit Ethernet Controller',
    'C 02  Network controller',
    '\t00  Ethernet controller',
    '\t\t01  something below',
    'C 0c  Serial bus controller',
    '\t03  USB controller',
    '\t\t30  XHCI',
    '10ec  Realtek Semiconductor Co., Ltd.',
    '\t0882  a network card of this number',
  ].join('\n'),
);
const usb = new HardwareIds(
  '046d  Logitech, Inc.\n\tc52b  Unifying Receiver\nC 08  Mass Storage\n\t04  Floppy (UFI)\n\t\t50  Bulk-Only\n\t06  SCSI\n',
);

const say = (alias: string): string => describeAlias(decodeAlias(alias), { pci, usb });

describe('a device', () => {
  it.each([
    ['pci:v00008086d0000100Esv*sd*bc*sc*i*', 'Intel Corporation 82540EM Gigabit Ethernet Controller'],
    ['pci:v00001AF4d00001000sv00001AF4sd00000001bc*sc*i*', 'Red Hat, Inc. Virtio network device, QEMU card'],
    [
      'pci:v00001AF4d00001001sv00008086sd*bc*sc*i*',
      'Red Hat, Inc. Virtio block device, as sold by Intel Corporation',
    ],
    ['pci:v*d*sv*sd*bc02sc00i*', 'Ethernet controller'],
    ['pci:v*d*sv*sd*bc0Csc*i*', 'Serial bus controller'],
    ['usb:v046DpC52Bd*dc*dsc*dp*ic*isc*ip*in*', 'Logitech, Inc. Unifying Receiver'],
    ['pci:v*d*sv*sd*bc0Csc03i30*', 'USB controller, XHCI'],
    ['pci:v*d*sv*sd*bc0Csc03iFE*', 'USB controller, programming interface fe'],
    ['usb:v*p*d*dc*dsc*dp*ic08isc04ip50in*', 'Mass Storage, Floppy (UFI), Bulk-Only'],
    ['usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*', 'Mass Storage, SCSI, interface protocol 50'],
    ['hdaudio:v10EC0882r*a01*', 'Realtek Semiconductor Co., Ltd., codec 0882, type 01'],
    ['hid:b0003g*v0000046Dp0000C52B', 'Logitech, Inc. Unifying Receiver, bus USB'],
  ])('has the names that the files know: %s', (alias, said) => expect(say(alias)).toBe(said));

  it.each([
    ['pci:v00001234d000011E8sv*sd*bc*sc*i*', 'vendor 1234, device 11e8'],
    ['pci:v00008086d00009999sv*sd*bc*sc*i*', 'Intel Corporation, device 9999'],
    ['hid:b0005g*v0000046Dp0000C52B', 'bus Bluetooth, vendor 046d, product c52b'],
  ])('keeps its numbers where they do not: %s', (alias, said) => expect(say(alias)).toBe(said));
});

it('reads a file of no entries', () => {
  const none = new HardwareIds('');
  expect([none.vendor(1), none.device(1, 2), none.subsystem(1, 2, 3, 4), none.class(1)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
