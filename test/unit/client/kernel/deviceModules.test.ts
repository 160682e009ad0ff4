import { describe, expect, it } from 'vitest';
import { claimedDevices, drivingModule, matchingModules } from '../../../../client/kernel/deviceModules';
import type { Device } from '../../../../client/kernel/devices';
import { readConfiguration } from '../../../../kmod/config/configuration';
import { ModuleLookup } from '../../../../kmod/config/lookup';
import { NEWEST_KMOD } from '../../../../kmod/config/versions';
import { ModuleTree } from '../../../../kmod/tree/moduleTree';

const FILES: Readonly<Record<string, string>> = {
  'modules.dep': 'kernel/nouveau.ko:\nkernel/nvidiafb.ko:\nkernel/edu.ko:\n',
  'modules.alias':
    'alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau\nalias pci:v000010DEd*sv*sd*bc03sc*i* nvidiafb\nalias pci:v00001234d000011E8sv*sd*bc*sc*i* edu\n',
};

async function lookup(config: string): Promise<ModuleLookup> {
  const configuration = await readConfiguration(
    {
      list: (path) =>
        Promise.resolve(
          path === '/etc/modprobe.d'
            ? { kind: 'directory', entries: [{ name: 'a.conf', kind: 'file' }] }
            : { kind: 'missing' },
        ),
      read: (path) => Promise.resolve(path === '/etc/modprobe.d/a.conf' ? config : undefined),
    },
    { kmod: NEWEST_KMOD, kernelDirectory: '' },
  );
  return new ModuleLookup(
    configuration,
    ModuleTree.of((file) => {
      const text = FILES[file];
      return text === undefined ? undefined : Buffer.from(text);
    }),
  );
}

const device = (name: string, ...modaliases: string[]): Device => ({
  bus: 'pci',
  name,
  path: `/sys/devices/${name}`,
  driver: undefined,
  modaliases,
  title: undefined,
  properties: new Map(),
});

const NVIDIA = device('0000:01:00.0', 'pci:v000010DEd00001C03sv00001462sd00003283bc03sc00i00');
const EDU = device('0000:00:02.0', 'pci:v00001234d000011E8sv00001AF4sd00001100bc00scFFi00');

describe('the modules for a device', () => {
  it('stand in the order in which modprobe takes them', async () => {
    expect(matchingModules(NVIDIA, await lookup('')).map(({ name }) => name)).toEqual([
      'nouveau',
      'nvidiafb',
    ]);
  });

  it('are those of the configuration’s aliases alone where one matches', async () => {
    const found = matchingModules(NVIDIA, await lookup('alias pci:v000010DE* my-nvidia\n'));
    expect(found.map(({ name }) => name)).toEqual(['my_nvidia']);
  });

  it('tell the line that blacklists them', async () => {
    const found = matchingModules(NVIDIA, await lookup('# no\nblacklist nouveau\n'));
    expect(found.map(({ blacklistedBy }) => blacklistedBy)).toEqual(['/etc/modprobe.d/a.conf:2', undefined]);
  });

  it('come once, also for a device with two modaliases', async () => {
    const twice = device('x', ...EDU.modaliases, ...EDU.modaliases);
    expect(matchingModules(twice, await lookup(''))).toHaveLength(1);
  });
});

it('a device is driven by the module of its driver on its own bus', () => {
  const driven = { ...EDU, driver: 'edu' };
  expect(drivingModule(driven, [{ bus: 'usb', name: 'edu', module: 'other' }])).toBeUndefined();
  expect(drivingModule(driven, [{ bus: 'pci', name: 'edu', module: 'edu_pci' }])).toBe('edu_pci');
});

it('a module claims the devices whose modalias one of its aliases matches', () => {
  expect(claimedDevices([NVIDIA, EDU], ['pci:v00001234d000011E8sv*sd*bc*sc*i*', 'edu-device'])).toEqual([
    EDU,
  ]);
  expect(claimedDevices([NVIDIA, EDU], [])).toEqual([]);
});
