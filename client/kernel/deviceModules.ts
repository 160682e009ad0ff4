import { matchesGlob } from '../../kmod/config/glob';
import { moduleName, type ModuleLookup } from '../../kmod/config/lookup';
import { foldName } from '../../kmod/config/parse';
import { toByteString } from '../../kmod/text';
import type { Device, DeviceDriver } from './devices';

/** A module that modprobe finds by a device's modalias. */
export interface MatchingModule {
  readonly name: string;
  readonly builtin: boolean;
  /** The line that keeps modprobe from loading it through an alias, for example "/etc/modprobe.d/a.conf:3". */
  readonly blacklistedBy: string | undefined;
}

/** The modules that modprobe would load for a device, in its order, each once. */
export function matchingModules({ modaliases }: Device, lookup: ModuleLookup): MatchingModule[] {
  const names = modaliases.flatMap((modalias) => lookup.find(modalias)?.map(({ name }) => name) ?? []);
  return [...new Set(names.map(moduleName))].map((name) => ({
    name,
    builtin: lookup.tables.isBuiltin(name),
    blacklistedBy: blacklistLine(lookup, name),
  }));
}

function blacklistLine(lookup: ModuleLookup, name: string): string | undefined {
  const origin = lookup.blacklistOf(name)?.origin;
  return origin?.kind === 'file'
    ? `${origin.path}:${origin.statement.line.firstLine + 1}`
    : origin && 'the kernel command line';
}

/** The module that drives a device now; undefined: no driver, or one of the kernel itself without a module's name. */
export function drivingModule(device: Device, drivers: readonly DeviceDriver[]): string | undefined {
  return drivers.find(({ bus, name }) => bus === device.bus && name === device.driver)?.module;
}

/** The devices that a module with these alias patterns would claim. */
export function claimedDevices(devices: readonly Device[], patterns: readonly string[]): Device[] {
  const folded = patterns.map((pattern) => toByteString(foldName(pattern) ?? pattern));
  return devices.filter(({ modaliases }) =>
    modaliases.some((modalias) => {
      const name = toByteString(foldName(modalias) ?? modalias);
      return folded.some((pattern) => matchesGlob(pattern, name));
    }),
  );
}
