import { readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTree } from '../../../engine/files/directory';
import { readStart } from '../../../engine/files/regularFile';
import { Sysroot } from '../../../engine/files/sysroot';
import { ConnectError } from '../errors';
import type { ArchiveEntry } from './archive';
import { MACHINES, type Architecture } from './architecture';

/** Where programs are in a root directory. */
const BINARIES = ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin', 'usr/local/sbin'];

/** Machines of elf(5) by e_machine. */
const ELF_MACHINES = new Map([
  [3, 'i386'],
  [40, 'arm'],
  [62, 'x86_64'],
  [183, 'aarch64'],
  [243, 'riscv'],
]);

/**
 * All that a root directory holds, for a guest that is to run it: a Buildroot target/, packages that were unpacked.
 * What the scratch kernel itself brings goes before it. Devices are left out: the guest's kernel makes them.
 * @throws ConnectError of kind "start" where it could not be one
 */
export async function readRootDirectory(root: string, architecture: Architecture): Promise<ArchiveEntry[]> {
  const found = await readTree(join(root, '/')).catch((error: Error) => {
    throw new ConnectError(
      `the root directory ${root} can not be read: ${error.message}. Correct rootDirectory of the target in kmod.targets.`,
      'start',
      { cause: error },
    );
  });
  const entries: ArchiveEntry[] = [];
  for (const { path: source, entry } of found) {
    const path = source.slice(join(root, '/').length - 1);
    if (entry.isSymbolicLink()) {
      entries.push({ path, kind: 'link', target: await readlink(source) });
    } else if (entry.isDirectory() || entry.isFile()) {
      const mode = (await stat(source)).mode & 0o7777;
      entries.push(entry.isFile() ? { path, kind: 'file', source, mode } : { path, kind: 'directory', mode });
    }
  }
  const paths = new Set(entries.map(({ path }) => path));
  for (const name of ['busybox', 'dropbear']) {
    const at = BINARIES.map((directory) => `/${directory}/${name}`).find((path) => paths.has(path));
    if (at === undefined) {
      throw new ConnectError(
        `the root directory ${root} has no ${name} in ${BINARIES.join(', ')}: the guest would have no ` +
          `${name === 'busybox' ? 'commands' : 'SSH server'}. Add it for ${architecture}, or leave rootDirectory out.`,
        'start',
      );
    }
    checkMachine(new Sysroot(root).locate(at), architecture);
    if (name === 'busybox' && at !== '/bin/busybox') {
      entries.push({ path: '/bin/busybox', kind: 'link', target: at });
    }
  }
  // The paths of a system whose /bin and /lib are those of /usr.
  for (const name of ['bin', 'sbin', 'lib'].filter(
    (one) => !paths.has(`/${one}`) && paths.has(`/usr/${one}`),
  )) {
    entries.unshift({ path: `/${name}`, kind: 'link', target: `usr/${name}` });
  }
  return entries;
}

/** @param program undefined: a link that leads nowhere */
function checkMachine(program: string | undefined, architecture: Architecture): void {
  const head = program === undefined ? undefined : startOf(program);
  if (
    program === undefined ||
    head === undefined ||
    head.length < 20 ||
    head.readUInt32BE(0) !== 0x7f454c46
  ) {
    return;
  }
  const name = ELF_MACHINES.get(head.readUInt16LE(18));
  if (name !== MACHINES[architecture].name) {
    throw new ConnectError(
      `${program} is a program for ${name ?? 'another machine'}, and the kernel is one for ${MACHINES[architecture].name}. ` +
        'Correct rootDirectory or architecture of the target in kmod.targets.',
      'start',
    );
  }
}

function startOf(program: string): Buffer | undefined {
  try {
    return readStart(program, 20);
  } catch {
    // The guest will tell.
    return undefined;
  }
}
