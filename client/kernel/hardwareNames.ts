import { join } from 'node:path';
import { HARDWARE_IDS } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { HardwareIds, type HardwareNames } from '../../kmod/modalias/hardwareIds';

/** Where distributions put pci.ids and usb.ids: Debian; Fedora, Arch and openSUSE; usbutils' own. */
const DIRECTORIES = ['/usr/share/misc', '/usr/share/hwdata', '/var/lib/usbutils'];

let names: Promise<HardwareNames> | undefined;

/** The names of PCI and USB devices that this machine knows; read once. */
export function hardwareNames(): Promise<HardwareNames> {
  names ??= readNames();
  return names;
}

async function readNames(): Promise<HardwareNames> {
  const [pci, usb] = await Promise.all([readIds('pci.ids'), readIds('usb.ids')]);
  return { pci, usb };
}

async function readIds(name: string): Promise<HardwareIds | undefined> {
  for (const directory of DIRECTORIES) {
    const text = await readTextFile(join(directory, name), HARDWARE_IDS).catch(() => undefined);
    if (text !== undefined) {
      return new HardwareIds(text);
    }
  }
  return undefined;
}
