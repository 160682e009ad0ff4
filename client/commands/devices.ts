import * as vscode from 'vscode';
import { allValues, type ModuleInfo } from '../../kmod/modinfo';
import { plainText } from '../../kmod/plainText';
import { bindDevice, readUse, unbindDevice, type DeviceUse } from '../kernel/bindDriver';
import { execute } from '../kernel/command';
import { claimedDevices } from '../kernel/deviceModules';
import type { DevicesSnapshot } from '../kernel/deviceMonitor';
import type { Device } from '../kernel/devices';
import type { DeviceItem, DeviceModuleItem } from '../views/devicesView';
import { plural } from '../views/format';
import { isTargetModule } from '../views/moduleViewer/build';
import { afterChange } from './afterChange';
import { CancelledError, withProgress } from './cancellation';
import { load } from './load';
import { modprobe } from './modprobe';
import { pickModuleFile } from './pickModule';
import { readModule } from './readModule';
import type { Services } from './services';
import { ensureConnected } from './targets';
import { askModally, say } from '../views/say';

type Clicked = Partial<DeviceItem | DeviceModuleItem> | undefined;

/** The devices of the active target, read now. */
async function readDevices(services: Services): Promise<DevicesSnapshot> {
  await ensureConnected(services);
  await services.devices.refresh();
  const { snapshot, error } = services.devices;
  if (snapshot === undefined) {
    throw error ?? new CancelledError();
  }
  return snapshot;
}

const deviceOf = (clicked: unknown): Device | undefined =>
  typeof clicked === 'object' && clicked !== null ? (clicked as Clicked)?.device : undefined;

/** The clicked device, or one that is picked among those for which the command makes sense. */
async function pickDevice(
  services: Services,
  clicked: unknown,
  title: string,
  fits: (device: Device) => boolean,
): Promise<Device> {
  const device = deviceOf(clicked);
  if (device !== undefined) {
    return device;
  }
  const devices = (await readDevices(services)).devices.filter(fits);
  if (devices.length === 0) {
    throw new Error('the target has no such device.');
  }
  return pickAmong(services, devices, title, 'A device');
}

async function pickAmong(
  { devicesView }: Services,
  devices: readonly Device[],
  title: string,
  placeHolder: string,
): Promise<Device> {
  const picked = await vscode.window.showQuickPick(
    devices.map((device) => ({
      label: plainText(device.name),
      description: `${plainText(device.bus)} · ${devicesView.driverText(device)}`,
      detail: devicesView.describe(device) ?? '',
      device,
    })),
    { title, placeHolder, matchOnDescription: true, matchOnDetail: true },
  );
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.device;
}

/** Takes a device from its driver; asks first where something is seen to depend on it. */
export async function unbind(services: Services, clicked: unknown): Promise<void> {
  const device = await pickDevice(
    services,
    clicked,
    'Unbind from Driver',
    ({ driver }) => driver !== undefined,
  );
  const { name, target } = await ensureConnected(services);
  const use = await execute(target, readUse(device));
  const label = `${plainText(device.name)} from ${plainText(device.driver ?? 'its driver')}`;
  if (use.interfaces.length + use.disks.length > 0) {
    const verb = 'Unbind';
    const answer = await askModally(`Unbind ${label} on ${name}?`, warning(use), verb);
    if (answer !== verb) {
      throw new CancelledError();
    }
  }
  await afterDeviceChange(services, name, async () => {
    await withProgress(`Unbinding ${label} on ${name}`, ({ signal }) => unbindDevice(target, device, signal));
    return `${label} unbound on ${name}`;
  });
}

function warning({ interfaces, disks }: DeviceUse): string {
  return [
    ...(interfaces.length === 0
      ? []
      : [
          `It carries ${interfaces.map(plainText).join(', ')}, which is up. If this connection runs over it, the target is lost until somebody binds it again.`,
        ]),
    ...(disks.length === 0
      ? []
      : [
          `It carries ${disks.map(plainText).join(', ')}, which is in use. What was not written yet is lost.`,
        ]),
  ].join('\n');
}

/** Gives a device to a driver of its bus: those of the modules that match it stand first. */
export async function bind(services: Services, clicked: unknown): Promise<void> {
  const device = await pickDevice(services, clicked, 'Bind to Driver', ({ driver }) => driver === undefined);
  const { name, target } = await ensureConnected(services);
  const driver = await pickDriver(services, device);
  await afterDeviceChange(services, name, async () => {
    const bound = await withProgress(`Binding ${plainText(device.name)} on ${name}`, ({ signal }) =>
      bindDevice(target, device, driver, signal),
    );
    return `${plainText(device.name)} bound to ${plainText(bound)} on ${name}`;
  });
}

async function pickDriver(
  { devices, devicesView }: Services,
  device: Device,
): Promise<{ readonly name: string } | undefined> {
  const matching = new Set(devicesView.modulesFor(device).map(({ name }) => name));
  const drivers = (devices.snapshot?.drivers ?? [])
    .filter(({ bus }) => bus === device.bus)
    .map((driver) => ({ ...driver, fits: driver.module !== undefined && matching.has(driver.module) }))
    .sort((a, b) => Number(b.fits) - Number(a.fits) || (a.name < b.name ? -1 : 1));
  type Choice = vscode.QuickPickItem & { driver?: { readonly name: string } };
  const picked = await vscode.window.showQuickPick<Choice>(
    [
      { label: '$(wand) The first that takes it', description: 'drivers_probe' },
      ...drivers.map((driver) => ({
        label: `$(plug) ${plainText(driver.name)}`,
        description: [
          ...(driver.module === undefined ? [] : [`module ${plainText(driver.module)}`]),
          ...(driver.fits ? ['its aliases match'] : []),
        ].join(' · '),
        driver,
      })),
    ],
    { title: `Bind ${plainText(device.name)}`, placeHolder: `A driver of the bus ${plainText(device.bus)}` },
  );
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.driver;
}

async function afterDeviceChange(
  services: Services,
  targetName: string,
  change: () => Promise<string>,
): Promise<void> {
  try {
    await afterChange(services, targetName, change);
  } finally {
    await services.devices.refresh();
  }
}

/** Loads the clicked module of a device, or the one that is picked among those that match it. */
export async function loadForDevice(services: Services, clicked: unknown): Promise<void> {
  const row = clicked as Clicked;
  const module =
    row?.kind === 'deviceModule'
      ? (row as DeviceModuleItem)
      : await pickDeviceModule(
          services,
          await pickDevice(services, clicked, 'Load Module for Device', ({ driver }) => driver === undefined),
        );
  await (module.file === undefined ? modprobe(services, module.name) : load(services, module.file));
  await services.devices.refresh();
}

async function pickDeviceModule({ devicesView }: Services, device: Device): Promise<DeviceModuleItem> {
  const modules = devicesView.modulesFor(device);
  const [first] = modules;
  if (first === undefined) {
    throw new Error(
      `no installed module, and none of this workspace, matches the modalias of ${device.name}.`,
    );
  }
  if (modules.length === 1) {
    return first;
  }
  const picked = await vscode.window.showQuickPick(
    modules.map((module) => ({
      label: `$(circuit-board) ${plainText(module.name)}`,
      description: String(devicesView.getTreeItem(module).description),
      module,
    })),
    {
      title: `Load Module for ${plainText(device.name)}`,
      placeHolder: 'In the order in which modprobe takes them',
    },
  );
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.module;
}

export async function copyModalias(services: Services, clicked: unknown): Promise<void> {
  const row = clicked as { readonly modalias?: string } | undefined;
  const device = await pickDevice(
    services,
    clicked,
    'Copy Modalias',
    ({ modaliases }) => modaliases.length > 0,
  );
  await vscode.env.clipboard.writeText(row?.modalias ?? device.modaliases.join('\n'));
}

async function readClicked(services: Services, clicked: unknown): Promise<ModuleInfo> {
  const file =
    clicked instanceof vscode.Uri ? clicked : await pickModuleFile(services, 'Devices for a Module');
  return readModule(services, file.fsPath);
}

/** The devices of the active target that a .ko would claim; the picked one is shown in the view. */
export async function showClaimedDevices(services: Services, clicked: unknown): Promise<void> {
  const info = isTargetModule(clicked) ? clicked.opened.contents.info : await readClicked(services, clicked);
  const patterns = allValues(info, 'alias');
  const { devices } = await readDevices(services);
  const claimed = claimedDevices(devices, patterns);
  const target = services.manager.active ?? 'the target';
  if (claimed.length === 0) {
    void say.information(
      patterns.length === 0
        ? `${info.name} has no alias: it claims no device by itself.`
        : `None of the ${plural(devices.length, 'device')} of ${target} matches an alias of ${info.name}.`,
    );
    return;
  }
  const device = await pickAmong(
    services,
    claimed,
    `${info.name} Would Claim`,
    `${plural(claimed.length, 'device')} of ${target}; pick one to see it in the view`,
  );
  await services.devicesView.reveal(device);
}

export function showDriverless({ devicesView }: Services): void {
  devicesView.onlyDriverless = true;
}

export function showAllDevices({ devicesView }: Services): void {
  devicesView.onlyDriverless = false;
}
