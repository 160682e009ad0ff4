import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { kmodVersionIn, type KmodVersion } from '../kmod/config/versions';
import { findProgram } from '../engine/base/programs';

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
  const bytes = path === undefined ? undefined : await readProgram(path).catch(() => undefined);
  return bytes === undefined ? undefined : kmodVersionIn(bytes.toString('latin1').replaceAll('\0', '\n'));
}

async function readProgram(path: string): Promise<Buffer | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.size > PROGRAM_LIMIT) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(status.size), 0, status.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
