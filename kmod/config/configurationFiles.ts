import { encodeText } from '../text';
import {
  configurationSuffixes,
  danglingLinkMasks,
  kernelConfigurationFiles,
  type KmodVersion,
} from './versions';

/** An entry of a directory; links are followed. */
export interface DirectoryEntry {
  readonly name: string;
  /** 'missing': a link that leads nowhere, or in a circle. */
  readonly kind: 'file' | 'directory' | 'missing';
}

/** What is found where configuration may be. */
export type Listing =
  | { readonly kind: 'directory'; readonly entries: readonly DirectoryEntry[] }
  /** Anything else: kmod takes it for a file, whatever its name. */
  | { readonly kind: 'file' }
  | { readonly kind: 'missing' }
  /** A directory that cannot be read, and why, as strerror(3) says it. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** How configuration is read: from a file system, a sysroot, an archive. Never throws for what a file system holds. */
export interface ConfigurationFiles {
  list(path: string): Promise<Listing>;
  /** The text of a file, by decodeText; undefined: it cannot be opened. /dev/null is ''. */
  read(path: string): Promise<string | undefined>;
}

/** A place where configuration may be, and what is there. */
export interface SearchPath {
  readonly path: string;
  readonly listing: Listing;
}

/** A file that kmod reads. */
export interface ChosenFile {
  readonly path: string;
  /** By it files are sorted, and one file stands for all of its name. */
  readonly name: string;
}

/** Why kmod does not read a file. */
type IgnoreReason =
  | { readonly kind: 'hidden' }
  | { readonly kind: 'suffix'; readonly suffixes: readonly string[] }
  | { readonly kind: 'directory' }
  | { readonly kind: 'missing' }
  /** A file of this name in a directory of higher priority. */
  | { readonly kind: 'masked'; readonly by: string };

export interface IgnoredFile {
  readonly path: string;
  readonly reason: IgnoreReason;
}

/** What kmod writes to stderr while it reads configuration. */
export interface Complaint {
  /** The function of libkmod that says it; builds without debugging print no more. */
  readonly reporter: string;
  readonly text: string;
}

interface FileOrder {
  /** In the order in which kmod reads them. */
  readonly chosen: readonly ChosenFile[];
  readonly ignored: readonly IgnoredFile[];
  readonly complaints: readonly Complaint[];
}

/**
 * The files that kmod reads, in its order: of each name the one in the best directory, by the bytes of the names.
 * kmod_config_new() and conf_files_list() in libkmod-config.c.
 * @param searchPaths best first
 * @param kernelDirectory /lib/modules/RELEASE
 */
export function orderFiles(
  searchPaths: readonly SearchPath[],
  kernelDirectory: string,
  kmod: KmodVersion,
): FileOrder {
  const chosen = new Map<string, ChosenFile>();
  const ignored: IgnoredFile[] = [];
  const complaints: Complaint[] = [];
  const choose = (file: ChosenFile): void => {
    const better = chosen.get(file.name);
    if (better === undefined) chosen.set(file.name, file);
    else ignored.push({ path: file.path, reason: { kind: 'masked', by: better.path } });
  };

  for (const name of kernelConfigurationFiles(kmod)) choose({ path: `${kernelDirectory}/${name}`, name });
  for (const { path, listing } of searchPaths) {
    if (listing.kind === 'file') choose({ path, name: path.slice(path.lastIndexOf('/') + 1) });
    if (listing.kind === 'unreadable') {
      complaints.push({ reporter: 'conf_files_list', text: `opendir(${path}): ${listing.reason}` });
    }
    if (listing.kind !== 'directory') continue;
    for (const entry of listing.entries) {
      const file = { path: `${path}/${entry.name}`, name: entry.name };
      const reason = reasonToIgnore(entry, kmod);
      if (reason === undefined) choose(file);
      else ignored.push({ path: file.path, reason });
      complaints.push(...complaintsAbout(file.path, reason));
    }
  }
  const byName = (a: ChosenFile, b: ChosenFile) => Buffer.compare(encodeText(a.name), encodeText(b.name));
  return { chosen: [...chosen.values()].sort(byName), ignored, complaints };
}

/** conf_files_filter_out() */
function reasonToIgnore({ name, kind }: DirectoryEntry, kmod: KmodVersion): IgnoreReason | undefined {
  if (name.startsWith('.')) return { kind: 'hidden' };
  const suffixes = configurationSuffixes(kmod);
  if (!suffixes.some((suffix) => name.endsWith(suffix))) return { kind: 'suffix', suffixes };
  if (kind === 'directory') return { kind: 'directory' };
  return kind === 'missing' && !danglingLinkMasks(kmod) ? { kind: 'missing' } : undefined;
}

function complaintsAbout(path: string, reason: IgnoreReason | undefined): Complaint[] {
  const reporter = 'conf_files_filter_out';
  switch (reason?.kind) {
    case 'directory':
      return [{ reporter, text: `Directories inside directories are not supported: ${path}` }];
    case 'missing':
      return [{ reporter, text: `Cannot stat directory entry: ${path}` }];
    default:
      return [];
  }
}
