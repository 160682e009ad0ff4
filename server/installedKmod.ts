import { kmodVersionIn, type KmodVersion } from '../kmod/config/versions';
import { findProgram } from '../engine/base/programs';
import { readRegularFile } from '../engine/files/regularFile';

/** Bytes; kmod has 200 KB, and with all libraries in it 2 MB. */
const PROGRAM_LIMIT = 16 << 20;

let known: Promise<KmodVersion | undefined> | undefined;

/** The kmod of this machine; undefined: there is none. It is looked at once. */
export function installedKmodVersion(): Promise<KmodVersion | undefined> {
  return (known ??= versionOfProgram(findProgram('modprobe')));
}

/**
 * The version of a modprobe, without starting it: what it prints for --version is one string in it
 * (PACKAGE " version " VERSION in kmod's tools). undefined: it is another one, such as BusyBox's.
 */
export async function versionOfProgram(path: string | undefined): Promise<KmodVersion | undefined> {
  const bytes =
    path === undefined ? undefined : await readRegularFile(path, PROGRAM_LIMIT).catch(() => undefined);
  return bytes === undefined ? undefined : kmodVersionIn(bytes.toString('latin1').replaceAll('\0', '\n'));
}
