import { finding, type Check, type Finding } from './finding';
import type { Fix } from './fix';

/** Directories of configuration that an older kmod does not read (kmod's configure.ac and libkmod.c). */
const DIRECTORIES: readonly { readonly pattern: RegExp; readonly name: string; readonly since: number }[] = [
  { pattern: /\/usr\/local\/lib\/(modprobe|depmod)\.d\/[^/]+$/, name: '/usr/local/lib', since: 29 },
  { pattern: /\/usr\/lib\/(modprobe|depmod)\.d\/[^/]+$/, name: '/usr/lib', since: 32 },
];

/** The last kmod that reads *.alias. */
const LAST_WITH_ALIAS_FILES = 32;

/** A file in, or below, a configuration directory that nobody reads. Elsewhere it may be for `modprobe -C`. */
export const ignoredFile: Check = function* ({ path, kmod, syntax }) {
  const start = { start: 0, end: Math.min(endOfFirstLine(syntax.source), syntax.source.length) };
  const name = path.slice(path.lastIndexOf('/') + 1);
  const why = whyIgnored(path, name, kmod);
  if (why !== undefined) {
    const found: Finding = finding('file-ignored', start, why);
    yield { ...found, fixes: isRenameEnough(path) ? renamed(name) : [] };
    return;
  }
  const tooNew = DIRECTORIES.find(({ pattern, since }) => pattern.test(path) && kmod < since);
  if (tooNew !== undefined) {
    yield finding('version-required', start, `a file in ${tooNew.name}`, String(tooNew.since), String(kmod));
  }
};

function whyIgnored(path: string, name: string, kmod: number): string | undefined {
  if (/\/etc\/modprobe\.conf$/.test(path))
    return '/etc/modprobe.conf is of modutils; move it into modprobe.d';
  if (!/\/(modprobe|depmod|modules-load)\.d\//.test(path)) return undefined;
  if (!/\/(modprobe|depmod|modules-load)\.d\/[^/]+$/.test(path)) {
    return 'it is in a sub-directory, and these are not looked into';
  }
  if (name.startsWith('.')) return 'it is a hidden file';
  if (name.endsWith('.alias') && path.endsWith(`/modprobe.d/${name}`)) {
    return kmod <= LAST_WITH_ALIAS_FILES
      ? undefined
      : `files *.alias are read only up to kmod ${LAST_WITH_ALIAS_FILES}`;
  }
  return name.endsWith('.conf') ? undefined : 'only files *.conf are read';
}

function isRenameEnough(path: string): boolean {
  return /\/(modprobe|depmod|modules-load)\.d\/[^/]+$/.test(path);
}

function renamed(name: string): Fix[] {
  const plain = name.replace(/^\.+/, '').replace(/\.(conf|alias)$/, '');
  const rename = `${plain === '' ? 'modules' : plain}.conf`;
  return [{ title: `Rename to ${rename}`, edits: [], rename }];
}

function endOfFirstLine(source: string): number {
  const end = source.indexOf('\n');
  return end < 0 ? source.length : end;
}
