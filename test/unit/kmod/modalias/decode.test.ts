import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAlias } from '../../../../kmod/modalias/decode';
import { describeAlias } from '../../../../kmod/modalias/hardwareIds';

/** The kind of an alias, and what it says, without the names of vendors and devices. */
const explain = (alias: string): string => {
  const decoded = decodeAlias(alias);
  return `${decoded.kind}: ${describeAlias(decoded)}`;
};

describe('an alias, explained', () => {
  it.each([
    ['pci:v00008086d0000100Esv*sd*bc*sc*i*', 'PCI: vendor 8086, device 100e'],
    ['pci:v*d*sv*sd*bc0Csc03i30*', 'PCI: class 0c, subclass 03, programming interface 30'],
    ['vfio_pci:v*d*sv*sd*bc*sc*i*', 'PCI through VFIO: any device'],
    ['usb:v046DpC52Bd*dc*dsc*dp*ic*isc*ip*in*', 'USB: vendor 046d, product c52b'],
    [
      'usb:v05ACp1290d01[0-9]*dc*dsc*dp*ic06isc01ip01in*',
      'USB: vendor 05ac, product 1290, release 01[0-9], interface class 06, interface subclass 01, interface protocol 01',
    ],
    ['usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*', expect.stringContaining('interface class 08')],
    ['hid:b0003g*v0000046Dp0000C52B', 'HID: bus USB, vendor 046d, product c52b'],
    ['hid:b*g*v*p*', 'HID: any device'],
    ['of:N*T*Cfsl,imx6q-fecC*', 'Device tree: fsl,imx6q-fec'],
    ['of:NethernetT*Cvirtio,mmio', 'Device tree: ethernet, virtio,mmio'],
    ['acpi*:PNP0501:*', 'ACPI: PNP0501'],
    ['acpi*:0C03??:*', 'ACPI: class 0C03??'],
    ['platform:leds-gpio', 'Platform: leds-gpio'],
    ['i2c:at24', 'I²C: at24'],
    ['spi:spidev', 'SPI: spidev'],
    ['virtio:d00000001v*', 'Virtio: network card'],
    ['dmi*:svnDell*:pnLatitude*:', 'Firmware (DMI): system vendor Dell, product Latitude'],
    ['dmi:*:rvn*Google,Inc.*:', 'Firmware (DMI): board vendor Google,Inc.'],
    [
      'cpu:type:x86,ven0000fam0006mod003C:feature:*',
      'Processor: architecture x86, vendor Intel, family 6, model 0x3C',
    ],
    ['cpu:type:x86,ven*fam*mod*:feature:*0099*', 'Processor: architecture x86, feature AES'],
    ['cpu:type:x86,ven*fam*mod*:feature:*00E0*', 'Processor: architecture x86, feature 7*32+0'],
    ['cpu:type:aarch64:feature:*,0004*', 'Processor: architecture aarch64, feature PMULL'],
    ['hdaudio:v10EC0882r*a01*', 'HD Audio: vendor 10ec, codec 0882, type 01'],
    ['hdaudio:v*r*a02*', 'HD Audio: type 02'],
    ['scsi:t-0x05*', 'SCSI: CD or DVD drive'],
    ['serio:ty06pr*id*ex*', 'Serial input: type 06'],
    [
      'input:b*v*p*e*-e*1,*3,*k*110,*r*a*0,*1,*m*l*s*f*w*',
      'Input: event types 1,3, keys 110, absolute axes 0,1',
    ],
    ['sdio:c*v02D0d4329*', 'SDIO: vendor 02d0, device 4329'],
    ['mei:*:05b79a6f-4628-4d7f-899d-a91514cb32ab:*:*', expect.stringContaining('UUID 05b79a6f')],
    ['fs-ext4', 'File system: mount -t ext4'],
    ['char-major-10-229', 'Device number: character device 10:229'],
    ['devname:net/tun', 'Device node: /dev/net/tun'],
    ['net-pf-16-proto-16-family-nl80211', 'Network: generic netlink family nl80211'],
    ['rtnl-link-bond', 'Network: ip link add type bond'],
    ['crypto-sha256', 'Crypto algorithm: sha256'],
    ['tcp_bbr', 'Network: congestion control bbr'],
    ['ipt_REJECT', 'Netfilter: '],
    ['whatever', 'Other names: '],
    ['pci:v00001234d*', 'PCI: vendor 1234'],
    ['usb:v1D6Bp0002*', 'USB: vendor 1d6b, product 0002'],
    ['of:N*T*', 'Device tree: any device'],
    ['pci:v00001234d', 'Other names: '],
    ['pci:nonsense', 'Other names: '],
  ])('%s', (alias, said) => expect(explain(alias)).toEqual(said));
});

it('knows the files that name a device only where the numbers are its own', () => {
  expect(decodeAlias('hid:b0003g*v0000046Dp0000C52B').registry).toBe('usb');
  expect(decodeAlias('hid:b0005g*v0000046Dp0000B342').registry).toBeUndefined();
  expect(decodeAlias('pci:v00008086d*sv*sd*bc*sc*i*').registry).toBe('pci');
});

it('takes any text for an alias', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', 'pci:', 'usb:', 'of:', 'input:', 'cpu:', 'dmi*:', 'acpi*:', 'mei:'),
      fc.string({ maxLength: 2000 }),
      (prefix, text) => {
        expect(decodeAlias(prefix + text).kind).not.toBe('');
      },
    ),
  );
});

it('is not slow at an alias that was made to be', () => {
  const letters = 'krakmlsfw'.repeat(110);
  expect(decodeAlias(`input:b*v*p*e*-e${letters}`).kind).toBe('Input');
  expect(decodeAlias(`of:N${'TC'.repeat(500)}`).kind).toBe('Device tree');
});
