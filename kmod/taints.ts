import type { ModinfoEntry, ModuleInfo } from './modinfo';

/** What the kernel notes of itself when it takes a module (Documentation/admin-guide/tainted-kernels.rst). */
export interface Taint {
  /** As in /proc/modules and in an oops. */
  readonly letter: 'P' | 'O' | 'C' | 'K' | 'N' | 'E';
  readonly reason: string;
  /** Only such kernels do; absent: all that know the letter. */
  readonly onlyWith?: string;
}

/** license_is_gpl_compatible() of include/linux/license.h */
const GPL_COMPATIBLE = new Set([
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
]);

/**
 * The taints that loading a module causes by what it says of itself (kernel/module/main.c). What it does once it
 * is loaded, and loads by force, may add others.
 */
export function taintsOf({ entries, signed }: Pick<ModuleInfo, 'entries' | 'signed'>): Taint[] {
  const has = (key: string): boolean => entries.some((entry) => entry.key === key);
  const taints: Taint[] = [];
  if (!isGplCompatible(entries)) {
    const license = entries.find(({ key }) => key === 'license')?.value;
    const what = license === undefined ? 'it names no licence' : `its licence is "${license}"`;
    taints.push({ letter: 'P', reason: `${what}, which is not compatible with the GPL` });
  }
  if (!has('intree')) taints.push({ letter: 'O', reason: 'it was built outside of the kernel tree' });
  if (has('staging')) taints.push({ letter: 'C', reason: 'it is a staging driver' });
  if (has('livepatch')) taints.push({ letter: 'K', reason: 'it is a live patch' });
  if (has('test')) taints.push({ letter: 'N', reason: 'it is a test module' });
  if (signed !== true) {
    const onlyWith = 'kernels that check signatures (CONFIG_MODULE_SIG)';
    taints.push({ letter: 'E', reason: 'it has no signature', onlyWith });
  }
  return taints;
}

/** The kernel looks at the first licence only. */
function isGplCompatible(entries: readonly ModinfoEntry[]): boolean {
  return GPL_COMPATIBLE.has(entries.find(({ key }) => key === 'license')?.value ?? '');
}
