import { basename } from 'node:path';
import * as vscode from 'vscode';
import { decodeAlias } from '../../kmod/modalias/decode';
import { describeAlias, type HardwareNames } from '../../kmod/modalias/hardwareIds';
import { allValues } from '../../kmod/modinfo';
import { plainText } from '../../kmod/plainText';
import type { DeviceMonitor } from '../kernel/deviceMonitor';
import { claimedDevices, drivingModule, matchingModules, type MatchingModule } from '../kernel/deviceModules';
import type { Device } from '../kernel/devices';
import { hardwareNames } from '../kernel/hardwareNames';
import type { LocalModules } from '../kernel/localModules';
import type { ModuleMonitor } from '../kernel/moduleMonitor';
import { plural } from './format';
import { failureRow, messageItem, type MessageRow } from './messageRow';
import { messageOf } from './messageOf';
import type { WorkspaceModules } from './workspaceModules';

export interface DeviceItem {
  readonly kind: 'device';
  readonly device: Device;
}

/** A module that could drive a device: one that is installed, or a file of the workspace. */
export interface DeviceModuleItem {
  readonly kind: 'deviceModule';
  readonly device: Device;
  readonly name: string;
  readonly file: vscode.Uri | undefined;
  readonly match: MatchingModule | undefined;
}

type Row =
  | { readonly kind: 'bus'; readonly bus: string; readonly devices: readonly Device[] }
  | DeviceItem
  | DeviceModuleItem
  | { readonly kind: 'modalias'; readonly device: Device; readonly modalias: string }
  | MessageRow;

interface Parts {
  readonly devices: DeviceMonitor;
  readonly monitor: ModuleMonitor;
  readonly workspaceModules: WorkspaceModules;
  readonly localModules: LocalModules;
}

/** What firmware and processor tell of themselves; there is much of it, and little of it wants a driver. */
const QUIET_BUSES = new Set(['acpi', 'cpu']);

/** The devices of the active target by bus, which driver each has, and which modules would drive it. */
export class DevicesView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly tree: vscode.TreeView<Row>;
  private readonly subscriptions: vscode.Disposable[];
  private driverlessOnly = false;
  /** The names of vendors and devices that this machine knows; read with the first devices. */
  private names: HardwareNames | undefined;
  /** The loaded modules when the devices were read last: another set may have bound others. */
  private readWith: string | undefined;

  constructor(private readonly parts: Parts) {
    const { devices, monitor, workspaceModules, localModules } = parts;
    this.tree = vscode.window.createTreeView('kmod.devices', {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.subscriptions = [
      this.tree,
      this.changed,
      devices.onDidChange(() => this.update()),
      monitor.onDidChange(() => this.follow()),
      workspaceModules.onDidChange(() => this.update()),
      localModules.onDidChange(() => this.update()),
      this.tree.onDidChangeVisibility(() => this.follow()),
    ];
    this.follow();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  set onlyDriverless(only: boolean) {
    this.driverlessOnly = only;
    void vscode.commands.executeCommand('setContext', 'kmod.driverlessOnly', only);
    this.update();
  }

  /** Shows a device among the others. */
  async reveal(device: Device): Promise<void> {
    if (this.driverlessOnly && device.driver !== undefined) {
      this.onlyDriverless = false;
    }
    await this.tree.reveal(this.deviceRow(device), { select: true, focus: true, expand: true });
  }

  getParent(row: Row): Row | undefined {
    switch (row.kind) {
      case 'device':
        return this.buses().find((bus) => bus.kind === 'bus' && bus.bus === row.device.bus);
      case 'deviceModule':
      case 'modalias':
        return this.deviceRow(row.device);
      case 'bus':
      case 'message':
        return undefined;
    }
  }

  getChildren(row?: Row): Row[] {
    if (row === undefined) {
      return this.buses();
    }
    switch (row.kind) {
      case 'bus':
        return row.devices.map((device) => this.deviceRow(device));
      case 'device':
        return this.details(row.device);
      case 'deviceModule':
      case 'modalias':
      case 'message':
        return [];
    }
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.kind) {
      case 'bus':
        return this.busItem(row.bus, row.devices);
      case 'device':
        return this.deviceItem(row.device);
      case 'deviceModule':
        return this.moduleItem(row);
      case 'modalias': {
        const item = new vscode.TreeItem('modalias');
        item.description = plainText(row.modalias);
        item.tooltip = plainText(row.modalias);
        item.accessibilityInformation = { label: `modalias ${plainText(row.modalias)}` };
        item.iconPath = new vscode.ThemeIcon('tag');
        item.contextValue = 'modalias';
        return item;
      }
      case 'message':
        return messageItem(row);
    }
  }

  /** The installed modules for a device, in modprobe's order, then the workspace's own. @throws BudgetError */
  modulesFor(device: Device): DeviceModuleItem[] {
    const { devices, workspaceModules, localModules } = this.parts;
    const lookup = devices.snapshot?.lookup;
    const installed = lookup === undefined ? [] : matchingModules(device, lookup);
    const own = workspaceModules.files().filter((file) => {
      const info = localModules.peek(file.fsPath);
      return info !== undefined && claimedDevices([device], allValues(info, 'alias')).length > 0;
    });
    const ownNames = own.map((file) => localModules.peek(file.fsPath)?.name ?? '');
    return [
      ...own.map((file, index) => ({ name: ownNames[index] ?? '', file, match: undefined })),
      ...installed.map((match) => ({ name: match.name, file: undefined, match })),
    ].map((found) => ({ kind: 'deviceModule', device, ...found }));
  }

  private follow(): void {
    const { devices, monitor, workspaceModules, localModules } = this.parts;
    const { snapshot } = monitor;
    if (snapshot === undefined) {
      this.readWith = undefined;
      devices.forget();
      return;
    }
    const key = snapshot.modules.map(({ name, state }) => `${name} ${state}`).join();
    const known = devices.snapshot?.target === snapshot.target && this.readWith === key;
    if (!this.tree.visible || known) {
      return;
    }
    this.readWith = key;
    void workspaceModules
      .search()
      .then(() => workspaceModules.files().forEach((file) => localModules.want(file.fsPath)));
    void devices.refresh();
    if (this.names === undefined) {
      void hardwareNames().then((names) => {
        this.names = names;
        this.update();
      });
    }
  }

  private deviceRow(device: Device): DeviceItem {
    return { kind: 'device', device };
  }

  private buses(): Row[] {
    const { snapshot } = this.parts.devices;
    if (snapshot === undefined) {
      return [];
    }
    const shown = snapshot.devices.filter(({ driver }) => driver === undefined || !this.driverlessOnly);
    if (shown.length === 0) {
      const text = this.driverlessOnly ? 'Every device has a driver' : 'sysfs shows no device';
      return [{ kind: 'message', text, icon: 'info' }];
    }
    const buses = new Map<string, Device[]>();
    for (const device of shown) {
      const others = buses.get(device.bus);
      if (others === undefined) {
        buses.set(device.bus, [device]);
      } else {
        others.push(device);
      }
    }
    return Array.from(buses, ([bus, devices]) => ({ kind: 'bus', bus, devices }) as const).sort(
      (a, b) => Number(QUIET_BUSES.has(a.bus)) - Number(QUIET_BUSES.has(b.bus)),
    );
  }

  private details(device: Device): Row[] {
    const modules = this.moduleRows(device);
    const { snapshot, error } = this.parts.devices;
    if (error !== undefined) {
      modules.push(failureRow(error));
    } else if (snapshot?.lookup === undefined) {
      modules.push({ kind: 'message', text: 'Reading the modules of the target…', icon: 'loading~spin' });
    } else if (modules.length === 0) {
      const text =
        device.modaliases.length === 0 ? 'It has no modalias' : 'No installed module matches its modalias';
      modules.push({ kind: 'message', text, icon: 'info' });
    }
    return [
      ...modules,
      ...device.modaliases.map((modalias) => ({ kind: 'modalias', device, modalias }) as const),
    ];
  }

  private moduleRows(device: Device): Row[] {
    try {
      return this.modulesFor(device);
    } catch (error) {
      return [failureRow(error)];
    }
  }

  private busItem(bus: string, devices: readonly Device[]): vscode.TreeItem {
    const item = new vscode.TreeItem(
      plainText(bus),
      QUIET_BUSES.has(bus)
        ? vscode.TreeItemCollapsibleState.Collapsed
        : vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = `bus ${bus}`;
    const idle = devices.filter(({ driver }) => driver === undefined).length;
    item.description = [
      `(${devices.length})`,
      ...(idle > 0 && !this.driverlessOnly ? [`${idle} without driver`] : []),
    ].join(' ');
    item.accessibilityInformation = { label: `Bus ${plainText(bus)}, ${plural(devices.length, 'device')}` };
    item.contextValue = 'bus';
    return item;
  }

  private deviceItem(device: Device): vscode.TreeItem {
    const { bus, driver } = device;
    const name = plainText(device.name);
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `device ${bus} ${device.name}`;
    const about = this.describe(device);
    item.description = [this.driverText(device), ...(about === undefined ? [] : [about])].join(' · ');
    item.iconPath =
      driver === undefined
        ? new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('disabledForeground'))
        : new vscode.ThemeIcon('plug');
    item.tooltip = this.tooltip(device, about);
    item.contextValue = [
      'device',
      driver === undefined ? 'driverless' : 'driven',
      ...(device.modaliases.length > 0 ? ['aliased'] : []),
    ].join(' ');
    item.accessibilityInformation = { label: `Device ${name}, ${item.description}` };
    return item;
  }

  /** "virtio_net", "serial (module 8250)", "no driver". */
  driverText(device: Device): string {
    const { driver } = device;
    if (driver === undefined) {
      return 'no driver';
    }
    const module = drivingModule(device, this.parts.devices.snapshot?.drivers ?? []);
    const same = module === undefined || module === driver.replaceAll('-', '_');
    return plainText(same ? driver : `${driver} (${module})`);
  }

  /** What it is, where anything tells. */
  describe({ title, modaliases }: Device): string | undefined {
    const decoded = modaliases.map(decodeAlias).find(({ registry }) => registry !== undefined);
    // Who made it and what it is: the row has no room for the rest, which its modalias tells.
    const fields = decoded?.fields.filter(({ label }) => /^(vendor|device|product|codec)$/.test(label)) ?? [];
    const named = decoded && this.names && describeAlias({ ...decoded, fields }, this.names);
    const text = title ?? named;
    return text === undefined ? undefined : plainText(text);
  }

  private tooltip(device: Device, about: string | undefined): string {
    const module = drivingModule(device, this.parts.devices.snapshot?.drivers ?? []);
    const lines = [
      about,
      `bus: ${device.bus}`,
      `driver: ${device.driver ?? 'none'}`,
      module === undefined ? undefined : `module of the driver: ${module}`,
      device.path,
      ...Array.from(device.properties, ([key, value]) => `${key}=${value}`).filter(
        (line) => !/^(MODALIAS|DRIVER)=/.test(line),
      ),
      ...device.modaliases,
    ];
    return lines.flatMap((line) => (line === undefined ? [] : [plainText(line).slice(0, 300)])).join('\n');
  }

  private moduleItem({ device, name, file, match }: DeviceModuleItem): vscode.TreeItem {
    const { devices, monitor } = this.parts;
    const loaded = monitor.snapshot?.modules.some((module) => module.name === name) ?? false;
    const drives = drivingModule(device, devices.snapshot?.drivers ?? []) === name;
    const item = new vscode.TreeItem(plainText(name));
    const state = match?.builtin === true ? 'built-in' : loaded ? 'loaded' : 'not loaded';
    item.description = [
      ...(drives ? ['drives it'] : []),
      state,
      ...(file === undefined ? [] : ['built here']),
      ...(match?.blacklistedBy === undefined ? [] : [`blacklisted in ${plainText(match.blacklistedBy)}`]),
    ].join(' · ');
    const icon = match?.blacklistedBy !== undefined && !loaded ? 'error' : 'circuit-board';
    item.iconPath = new vscode.ThemeIcon(
      icon,
      loaded || match?.builtin === true ? undefined : new vscode.ThemeColor('disabledForeground'),
    );
    item.tooltip = [
      file === undefined
        ? 'An installed module whose aliases match the modalias, in modprobe’s order'
        : `${basename(file.fsPath)} of this workspace: its aliases match the modalias`,
      ...(match?.blacklistedBy === undefined
        ? []
        : [`modprobe does not load it for a modalias: blacklisted in ${plainText(match.blacklistedBy)}`]),
    ].join('\n');
    item.contextValue = [
      'deviceModule',
      ...(state === 'not loaded' ? ['loadable'] : []),
      ...(match === undefined ? [] : ['installed']),
    ].join(' ');
    item.accessibilityInformation = { label: `Module ${plainText(name)}, ${item.description}` };
    return item;
  }

  private update(): void {
    const { devices } = this.parts;
    const { snapshot, error } = devices;
    this.tree.description = snapshot?.target.name ?? '';
    this.tree.message =
      error !== undefined
        ? messageOf(error)
        : snapshot !== undefined && this.driverlessOnly
          ? 'Only devices without a driver'
          : '';
    this.changed.fire();
  }
}
