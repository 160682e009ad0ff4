/** A release of kmod by its number, for example 30. Patch releases change nothing in the configuration. */
export type KmodVersion = number;

/** What is assumed when nobody says which kmod reads the files. */
export const NEWEST_KMOD: KmodVersion = 34;

/** The version in what a tool of kmod prints for --version; undefined: another tool printed it. */
export function kmodVersionIn(text: string): KmodVersion | undefined {
  const version = /^kmod version (\d+)/m.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** Something that not every kmod has. */
interface Lifetime {
  /** The first kmod that has it, where that is not the first of all. */
  readonly since?: KmodVersion;
  /** The first kmod that has it no longer. */
  readonly until?: KmodVersion;
}

/** Where modprobe.d is, best first: default_config_paths in libkmod.c. DISTCONFDIR is /usr/lib in all distributions. */
const CONFIGURATION_DIRECTORIES: readonly (Lifetime & { readonly path: string })[] = [
  { path: '/etc/modprobe.d' },
  { path: '/run/modprobe.d' },
  { path: '/usr/local/lib/modprobe.d', since: 29 },
  { path: '/usr/lib/modprobe.d', since: 32 },
  { path: '/lib/modprobe.d' },
];

/** How a file's name ends: conf_files_filter_out() in libkmod-config.c. */
const CONFIGURATION_SUFFIXES: readonly (Lifetime & { readonly suffix: string })[] = [
  { suffix: '.conf' },
  { suffix: '.alias', until: 33 },
];

/** Files of /lib/modules/RELEASE that are read as if they stood in modprobe.d: kmod_config_new(). */
const KERNEL_CONFIGURATION_FILES: readonly (Lifetime & { readonly name: string })[] = [
  { name: 'modules.softdep', since: 17 },
  { name: 'modules.weakdep', since: 33 },
];

const exists = ({ since = 0, until = Infinity }: Lifetime, kmod: KmodVersion): boolean =>
  since <= kmod && kmod < until;

export function configurationDirectories(kmod: KmodVersion): string[] {
  return CONFIGURATION_DIRECTORIES.filter((entry) => exists(entry, kmod)).map(({ path }) => path);
}

export function configurationSuffixes(kmod: KmodVersion): string[] {
  return CONFIGURATION_SUFFIXES.filter((entry) => exists(entry, kmod)).map(({ suffix }) => suffix);
}

export function kernelConfigurationFiles(kmod: KmodVersion): string[] {
  return KERNEL_CONFIGURATION_FILES.filter((entry) => exists(entry, kmod)).map(({ name }) => name);
}

/** Up to 33, a backslash that ends the file put the byte 0xFF into the line (kmod commit 7805c95 ended it). */
export function storesBackslashAtEnd(kmod: KmodVersion): boolean {
  return kmod < 34;
}

/** Up to 33, a link to nothing masked the files of its name in other directories (kmod commit 1290d9c ended it). */
export function danglingLinkMasks(kmod: KmodVersion): boolean {
  return kmod < 34;
}

/** Since 31, modprobe takes a name that begins with `/` or `./` for the path of a module's file (kmod commit 883d931). */
export function takesPaths(kmod: KmodVersion): boolean {
  return kmod >= 31;
}
