import { finding, type FileCheck, type Finding, type Masking } from './finding';
import type { Fix } from './fix';

/**
 * A directory that an older kmod does not read (default_config_paths in libkmod.c). /usr/lib came later still, but
 * where /lib is a link to it, every kmod reads it.
 */
const USR_LOCAL = { pattern: /\/usr\/local\/lib\/(modprobe|depmod)\.d\/[^/]+$/, since: 29 };

/** The last kmod that reads *.alias. */
const LAST_WITH_ALIAS_FILES = 32;

/** A file in, or below, a configuration directory that nobody reads. Elsewhere it may be for `modprobe -C`. */
export const files: FileCheck = function* ({ path, kmod, syntax, masking }) {
  const start = { start: 0, end: Math.min(endOfFirstLine(syntax.source), syntax.source.length) };
  const name = path.slice(path.lastIndexOf('/') + 1);
  const why = whyIgnored(path, name, kmod);
  if (why !== undefined) {
    const found: Finding = finding('file-ignored', start, why);
    yield { ...found, fixes: isRenameEnough(path) ? renamed(name) : [] };
    return;
  }
  if (masking !== undefined) {
    const found = finding('file-masked', start, describeMasking(masking, syntax.source === ''));
    yield { ...found, fixes: [openOther(masking), ...ownName(name, syntax.source === '')] };
  }
  if (USR_LOCAL.pattern.test(path) && kmod < USR_LOCAL.since) {
    const facts = ['a file in /usr/local/lib', String(USR_LOCAL.since), String(kmod)] as const;
    yield finding('version-required', start, ...facts);
  }
};

function describeMasking({ kind, other: { path } }: Masking, isEmpty: boolean): string {
  if (kind === 'masked') return `${path} is read in the place of this file, which has no effect`;
  const effect = isEmpty ? 'switches off' : 'is read in the place of';
  return `this file ${effect} ${path}, which has the same name`;
}

function openOther({ other: { path, uri } }: Masking): Fix {
  return { title: `Open ${path}`, edits: [], open: uri };
}

/** An empty file is there for its name. */
function ownName(name: string, isEmpty: boolean): Fix[] {
  if (isEmpty) return [];
  const rename = name.replace(/(\.\w+)?$/, '-local$1');
  return [{ title: `Rename to ${rename}: both files are read then`, edits: [], rename }];
}

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
