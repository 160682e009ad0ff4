import { join } from 'node:path';
import { CONFIGURATION_TRAPS } from './traps/configurationTraps';
import { KBUILD_TRAPS } from './traps/kbuildTraps';
import { MODULE_TRAPS } from './traps/moduleTraps';
import { layPrograms, laySettings } from './traps/programTraps';
import { TrapFolder, type Trap } from './traps/trap';

const ALL: Readonly<Record<string, Trap>> = { ...CONFIGURATION_TRAPS, ...KBUILD_TRAPS, ...MODULE_TRAPS };

/** KMOD_TRAPS=nested,modules lays these alone, to find the one that bites. */
const chosen = process.env['KMOD_TRAPS']?.split(',');

/** By the folder that a trap has in the workspace. */
export const TRAPS = Object.entries(ALL).filter(([name]) => chosen?.includes(name) !== false);

/** Fills a workspace with all traps at once. @param marker the file that a program writes to if it is run */
export function layTraps(workspace: string, marker: string): void {
  for (const [name, trap] of TRAPS) trap.lay(new TrapFolder(join(workspace, name)));
  const healthy = new TrapFolder(join(workspace, 'healthy'));
  healthy.file('modprobe.d/good.conf', 'options dummy numdummies=2\n');
  healthy.file('Kbuild', 'obj-m := healthy.o\n');
  layPrograms(workspace, marker);
  laySettings(workspace, marker);
}
