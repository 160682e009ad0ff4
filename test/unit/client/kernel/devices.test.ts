import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDevices, readDevices, type DeviceTree } from '../../../../client/kernel/devices';

const record = (...fields: string[]): string => fields.map((field) => `${field}\0`).join('');
const parse = (records: readonly string[], attributes: readonly string[] = []): DeviceTree =>
  parseDevices(Buffer.from(records.join('') + attributes.map((line) => `${line}\n`).join('')));

const EDU = 'pci:v00001234d000011E8sv00001AF4sd00001100bc00scFFi00';

describe('the devices of sysfs', () => {
  it('have their driver, their real path and what their uevent says', () => {
    const { devices } = parse(
      [record('device', 'pci', '0000:00:02.0', 'edu', '/sys/devices/pci0000:00/0000:00:02.0')],
      [
        `pci/devices/0000:00:02.0/modalias:${EDU}`,
        'pci/devices/0000:00:02.0/uevent:DRIVER=edu',
        'pci/devices/0000:00:02.0/uevent:PCI_CLASS=FF00',
        `pci/devices/0000:00:02.0/uevent:MODALIAS=${EDU}`,
      ],
    );
    expect(devices).toEqual([
      {
        bus: 'pci',
        name: '0000:00:02.0',
        path: '/sys/devices/pci0000:00/0000:00:02.0',
        driver: 'edu',
        modaliases: [EDU],
        title: undefined,
        properties: new Map([
          ['DRIVER', 'edu'],
          ['PCI_CLASS', 'FF00'],
          ['MODALIAS', EDU],
        ]),
      },
    ]);
  });

  it('are left out where neither a driver nor a modalias is known', () => {
    const { devices } = parse([
      record('device', 'cpu', 'cpu0', '', '/sys/devices/system/cpu/cpu0'),
      record('device', 'pnp', '00:04', 'system', '/sys/devices/pnp0/00:04'),
    ]);
    expect(devices.map(({ name }) => name)).toEqual(['00:04']);
  });

  it('stand in the order of their buses and of the numbers in their names', () => {
    const { devices } = parse(
      [
        ['usb', '1-10'],
        ['usb', '1-2'],
        ['pci', '0000:00:1f.0'],
        ['pci', '0000:00:02.0'],
      ].map(([bus = '', name = '']) => record('device', bus, name, 'x', `/sys/devices/${name}`)),
    );
    expect(devices.map(({ name }) => name)).toEqual(['0000:00:02.0', '0000:00:1f.0', '1-2', '1-10']);
  });

  it('may have two modaliases, and have PNP’s made of their ids', () => {
    const { devices } = parse(
      [
        record('device', 'platform', 'PRP0001:00', '', '/sys/devices/platform/PRP0001:00'),
        record('device', 'pnp', '00:01', 'serial', '/sys/devices/pnp0/00:01'),
      ],
      [
        'platform/devices/PRP0001:00/modalias:acpi:PRP0001:',
        'platform/devices/PRP0001:00/modalias:of:NledsT(null)Cgpio-leds',
        'pnp/devices/00:01/id:PNP0501',
      ],
    );
    expect(devices.map(({ modaliases }) => modaliases)).toEqual([
      ['acpi:PRP0001:', 'of:NledsT(null)Cgpio-leds'],
      ['pnp:dPNP0501'],
    ]);
  });

  it('call themselves what USB and I2C say', () => {
    const { devices } = parse(
      [
        record('device', 'usb', '1-1', 'usb', '/sys/devices/x/usb1/1-1'),
        record('device', 'i2c', '0-0048', 'lm75', '/sys/devices/x/i2c-0/0-0048'),
      ],
      [
        'usb/devices/1-1/manufacturer:QEMU',
        'usb/devices/1-1/product:QEMU USB Tablet',
        'i2c/devices/0-0048/name:lm75',
      ],
    );
    expect(devices.map(({ title }) => title)).toEqual(['lm75', 'QEMU QEMU USB Tablet']);
  });

  it('have drivers of which some are modules', () => {
    const { drivers } = parse([
      record('driver', 'pci', 'edu', 'edu', ''),
      record('driver', 'pci', 'pcieport', '', ''),
    ]);
    expect(drivers).toEqual([
      { bus: 'pci', name: 'edu', module: 'edu' },
      { bus: 'pci', name: 'pcieport', module: undefined },
    ]);
  });

  it('are read from any bytes without an exception', () => {
    const text = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom('device\0', 'driver\0', 'pci\0', '\0', '/modalias:', '\n', '\xff'),
      ),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const { devices } = parseDevices(Buffer.from(parts.join(''), 'latin1'));
        return devices.every(
          ({ driver, modaliases }) => driver !== undefined || modaliases.some((modalias) => modalias !== ''),
        );
      }),
    );
  });

  it.each([['sh'], ['busybox', 'sh']])(
    'of this machine are those that its own shell lists (%s)',
    (...shell) => {
      const [program = '', ...options] = [...shell, ...readDevices.argv.slice(1)];
      const { devices } = parseDevices(execFileSync(program, options));
      const drivers = execFileSync(
        'sh',
        [
          '-c',
          'cd /sys/bus; for d in */devices/*/driver; do [ -e "$d" ] && readlink -f "${d%/driver}"; done; :',
        ],
        { encoding: 'utf8' },
      );
      const driven = devices.filter(({ driver }) => driver !== undefined).map(({ path }) => path);
      expect(driven.sort()).toEqual(drivers.split('\n').filter(Boolean).sort());
    },
  );
});
