import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bindDevice, readUse, unbindDevice } from '../../client/kernel/bindDriver';
import { execute } from '../../client/kernel/command';
import { DeviceMonitor, type DevicesSnapshot } from '../../client/kernel/deviceMonitor';
import { claimedDevices, drivingModule, matchingModules } from '../../client/kernel/deviceModules';
import type { Device } from '../../client/kernel/devices';
import { loadModule } from '../../client/kernel/loadModule';
import { TargetModules } from '../../client/kernel/targetModules';
import { unloadModule } from '../../client/kernel/unloadModule';
import { allValues, readModuleInfo } from '../../kmod/modinfo';
import { buildSample, never, useDirectory, useScratch } from './scratch';

const directory = useDirectory();
let edu: string;

beforeAll(async () => {
  edu = (await buildSample('edu', directory))['edu'] ?? '';
});

describe.each([
  ['kmod', true],
  ['BusyBox', false],
] as const)('the devices of a target with %s', (_, kmod) => {
  const scratch = useScratch({ kmod });

  const load = () =>
    loadModule({ target: scratch.target, facts: scratch.facts, file: edu, parameters: ['number=7'] }, never);
  const modules = new TargetModules({
    connected: () => ({ target: scratch.target, release: scratch.facts.release }),
  });
  const read = async (): Promise<DevicesSnapshot> => {
    const monitor = new DeviceMonitor(
      () => scratch.target,
      () => modules.index(),
    );
    await monitor.refresh();
    if (monitor.snapshot === undefined) {
      throw monitor.error ?? new Error('nothing was read');
    }
    return monitor.snapshot;
  };
  const device = (snapshot: DevicesSnapshot): Device => {
    const found = snapshot.devices.find(({ modaliases }) =>
      modaliases.some((modalias) => modalias.startsWith('pci:v00001234d000011E8')),
    );
    if (found === undefined) {
      throw new Error('there is no edu device');
    }
    return found;
  };
  const theDevice = async () => device(await read());

  afterEach(() => scratch.shell('rmmod edu 2>/dev/null; true'));

  it('are those of sysfs, each with its driver', async () => {
    const { devices } = await read();
    const shown = await scratch.shell(
      'for d in /sys/bus/*/devices/*; do [ -e $d/driver ] && echo "$(basename $(dirname $(dirname $d))) $(basename $d) $(basename "$(readlink -f $d/driver)") $(readlink -f $d)"; done',
    );

    const driven = devices.filter(({ driver }) => driver !== undefined);

    expect(driven.map(({ bus, name, driver, path }) => `${bus} ${name} ${driver} ${path}`).sort()).toEqual(
      shown.trim().split('\n').sort(),
    );
    expect(driven.length).toBeGreaterThan(5);
  });

  it('have no driver before the module is loaded, its driver after it, and none again', async () => {
    expect((await theDevice()).driver).toBeUndefined();

    const { kernelLog } = await load();

    const snapshot = await read();
    expect(device(snapshot).driver).toBe('edu');
    expect(drivingModule(device(snapshot), snapshot.drivers)).toBe('edu');
    expect(kernelLog.join('\n')).toContain('7! = 5040');

    await unloadModule({ target: scratch.target, name: 'edu' }, never);
    expect((await theDevice()).driver).toBeUndefined();
  });

  it('are taken from a driver and given to it, by its name or to the first that takes them', async () => {
    await load();

    await unbindDevice(scratch.target, await theDevice(), never);
    expect((await theDevice()).driver).toBeUndefined();

    expect(await bindDevice(scratch.target, await theDevice(), { name: 'edu' }, never)).toBe('edu');
    expect((await theDevice()).driver).toBe('edu');

    await unbindDevice(scratch.target, await theDevice(), never);
    expect(await bindDevice(scratch.target, await theDevice(), undefined, never)).toBe('edu');
  });

  it('are refused in the kernel’s terms', async () => {
    const unbound = await theDevice();
    await expect(unbindDevice(scratch.target, unbound, never)).rejects.toThrow('has no driver');
    await expect(bindDevice(scratch.target, unbound, { name: 'virtio-pci' }, never)).rejects.toThrow(
      /the driver does not take/,
    );
    await expect(bindDevice(scratch.target, unbound, undefined, never)).rejects.toThrow('no driver takes it');
    const hostile = { ...unbound, name: '../../../tmp/x' };
    await expect(unbindDevice(scratch.target, hostile, never)).rejects.toThrow('is no name of sysfs');
  });

  it('tell what would be lost with the driver of the network card, and that nothing is with another’s', async () => {
    const { devices } = await read();
    const card = devices.find(({ driver }) => driver === 'virtio_net');

    expect(await execute(scratch.target, readUse(card ?? { path: '' }))).toEqual({
      interfaces: ['eth0'],
      disks: [],
    });
    expect(await execute(scratch.target, readUse(await theDevice()))).toEqual({ interfaces: [], disks: [] });
  });

  it('tell of a disk that is mounted', async () => {
    await scratch.shell(
      'modprobe loop; modprobe ext4; dd if=/dev/zero of=/tmp/disk bs=1M count=8; losetup /dev/loop0 /tmp/disk; mke2fs /dev/loop0; mount -t ext4 /dev/loop0 /mnt',
    );
    const path = '/sys/devices/virtual/block/loop0';
    expect((await execute(scratch.target, readUse({ path }))).disks).toEqual(['loop0']);

    await scratch.shell('umount /mnt; losetup -d /dev/loop0');
    expect((await execute(scratch.target, readUse({ path }))).disks).toEqual([]);
  });

  it('that a .ko would claim are those that its driver binds to', async () => {
    const info = await readModuleInfo(readFileSync(edu), edu);

    const claimed = claimedDevices((await read()).devices, allValues(info, 'alias'));

    await load();
    expect(claimed.map(({ name }) => name)).toEqual(
      (await read()).devices.filter(({ driver }) => driver === 'edu').map(({ name }) => name),
    );
    expect(claimed).toHaveLength(1);
  });

  // BusyBox's modprobe has no -R.
  if (kmod) {
    it('lead to the modules that `modprobe -R` names, once depmod knows the sample', async () => {
      const extra = `/lib/modules/${scratch.facts.release}/extra`;
      await scratch.shell(`mkdir -p ${extra}`);
      await scratch.target.upload(readFileSync(edu), `${extra}/edu.ko`);
      await scratch.target.run(['depmod', '-a'], { timeoutMs: 120_000 });
      modules.reset();
      await scratch.shell('mkdir -p /etc/modprobe.d; echo "blacklist edu" >/etc/modprobe.d/edu.conf');
      const { devices, lookup } = await read();
      if (lookup === undefined) {
        throw new Error('the modules of the target were not read');
      }
      const modaliases = devices.flatMap((one) => (one.modaliases.length === 1 ? [one] : []));

      for (const one of modaliases) {
        const { stdout } = await scratch.target.run(['modprobe', '-R', ...one.modaliases]);
        const real = stdout.toString().split('\n').filter(Boolean);
        expect(matchingModules(one, lookup).map(({ name }) => name)).toEqual([...new Set(real)]);
      }
      expect(matchingModules(device({ ...(await read()) }), lookup)).toEqual([
        { name: 'edu', builtin: false, blacklistedBy: '/etc/modprobe.d/edu.conf:1' },
      ]);
    });
  }
});
