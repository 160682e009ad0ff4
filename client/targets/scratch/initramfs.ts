import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { namesIn, readTree } from '../../../engine/files/directory';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { archive, type ArchiveEntry } from './archive';
import { MACHINES } from './architecture';
import type { Kernel } from './findKernel';
import type { ScratchKeys } from './keys';
import { findPrograms, librariesOf } from './programs';
import { readRootDirectory } from './rootDirectory';
import { sweep, touch } from './sweep';

/** What init prints on the console once the SSH server listens. */
export const READY_LINE = 'scratch: ready';
/** What init prints when the guest has no network: the reason is on the lines before it. */
export const BROKEN_LINE = 'scratch: no network';

/** Links to the commands of BusyBox where a path is free: what runs in the guest can list them, and what is here may not. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s
exec /bin/busybox init
`;

const inittab = (tty: string): string => `::sysinit:/etc/init.d/rcS
::ctrlaltdel:/sbin/reboot
${tty}::askfirst:-/bin/sh
`;

const START = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /run
mount -t debugfs debugfs /sys/kernel/debug
mount -t securityfs securityfs /sys/kernel/security
hostname scratch
ifconfig lo 127.0.0.1 up
modprobe virtio_pci
modprobe virtio_net
if ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up; then
  dropbear -s -W 1048576 -r /etc/dropbear/host_key && echo '${READY_LINE}' >/dev/console
else
  echo '${BROKEN_LINE}' >/dev/console
fi
`;

const KMOD_LINKS = ['depmod', 'insmod', 'lsmod', 'modinfo', 'modprobe', 'rmmod'];

const text = (path: string, content: string, mode: number): ArchiveEntry => ({
  path,
  kind: 'text',
  text: content,
  mode,
});
const link = (path: string, target: string): ArchiveEntry => ({ path, kind: 'link', target });
const file = (path: string, source: string, mode: number): ArchiveEntry => ({
  path,
  kind: 'file',
  source,
  mode,
});
const directory = (path: string, mode: number): ArchiveEntry => ({ path, kind: 'directory', mode });

async function program(path: string, source: string): Promise<ArchiveEntry[]> {
  const libraries = await librariesOf(source);
  return [file(path, source, 0o755), ...libraries.map((library) => file(library, library, 0o755))];
}

async function modules(kernel: Kernel): Promise<ArchiveEntry[]> {
  const root = resolve(kernel.modulesDirectory);
  const inside = `/lib/modules/${kernel.release}`;
  return (await readTree(root))
    .filter(({ entry }) => entry.isFile())
    .map(({ path }) => file(inside + path.slice(root.length), path, 0o644));
}

/** The programs of this machine. */
async function ownPrograms(withKmod: boolean): Promise<ArchiveEntry[]> {
  const programs = findPrograms(['busybox', 'dropbear', 'scp', ...(withKmod ? (['kmod'] as const) : [])]);
  return [
    ...(await program('/bin/busybox', programs.busybox)),
    // Debian's BusyBox shell runs its own insmod whatever PATH says; a guest with kmod needs another shell.
    ...(withKmod ? await program('/bin/sh', '/bin/sh') : []),
    ...(withKmod ? await program('/bin/kmod', programs.kmod) : []),
    ...(withKmod ? KMOD_LINKS.map((name) => link(`/sbin/${name}`, '/bin/kmod')) : []),
    ...(await program('/usr/sbin/dropbear', programs.dropbear)),
    ...(await program('/usr/bin/scp', programs.scp)),
  ];
}

/** Everything but the kernel's modules. */
function userland(keys: ScratchKeys, programs: readonly ArchiveEntry[], tty: string): ArchiveEntry[] {
  const directories = ['/proc', '/sys', '/dev', '/run', '/etc', '/mnt', '/var', '/usr/bin', '/usr/sbin'];
  return [
    ...directories.map((path) => directory(path, 0o755)),
    ...programs,
    directory('/root', 0o700),
    directory('/tmp', 0o1777),
    text('/init', INIT, 0o755),
    text('/etc/inittab', inittab(tty), 0o644),
    text('/etc/init.d/rcS', START, 0o755),
    text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n', 0o644),
    text('/etc/group', 'root:x:0:\nnogroup:x:65534:\n', 0o644),
    text('/etc/shells', '/bin/sh\n', 0o644),
    file('/etc/dropbear/host_key', keys.hostKeyFile, 0o600),
    directory('/root/.ssh', 0o700),
    text('/root/.ssh/authorized_keys', keys.authorizedKey, 0o600),
  ];
}

/** Changes when anything that goes into the archive does; modules count through depmod's index. */
async function fingerprint(entries: readonly ArchiveEntry[], kernel: Kernel): Promise<string> {
  const hash = createHash('sha256');
  const stamp = async (path: string): Promise<void> => {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\0`);
  };
  await stamp(join(kernel.modulesDirectory, 'modules.dep'));
  for (const entry of entries) {
    hash.update(`${JSON.stringify(entry)}\0`);
    if (entry.kind === 'file') {
      await stamp(entry.source);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

export interface Initramfs {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface GuestPrograms {
  /** The guest's; undefined: it gets programs of this machine. */
  readonly rootDirectory?: string | undefined;
  /** False: insmod and modprobe are BusyBox's. */
  readonly kmod: boolean;
}

/**
 * The scratch kernel's initramfs: BusyBox, kmod, dropbear and every module of the kernel's package.
 * Made once and kept in `cacheDirectory`; it holds the guest's host key, so only its owner can read it.
 * @throws ConnectError when a program is missing
 */
export async function ensureInitramfs(
  kernel: Kernel,
  keys: ScratchKeys,
  cacheDirectory: string,
  { rootDirectory, kmod }: GuestPrograms,
): Promise<Initramfs> {
  const programs =
    rootDirectory === undefined
      ? await ownPrograms(kmod)
      : await readRootDirectory(rootDirectory, kernel.architecture);
  const entries = userland(keys, programs, MACHINES[kernel.architecture].console);
  const guest = JSON.stringify([kernel.modulesDirectory, rootDirectory, kmod]);
  const prefix = `initramfs-${kernel.release}-${sha256(guest).slice(0, 8)}-`;
  const name = `${prefix}${await fingerprint(entries, kernel)}.cpio`;
  await mkdir(cacheDirectory, { recursive: true, mode: 0o700 });
  const cached = await namesIn(cacheDirectory);
  const path = join(cacheDirectory, name);
  await sweep(cacheDirectory, /^initramfs-/);
  if (cached.includes(name)) {
    await touch(path);
    return { path, size: (await stat(path)).size };
  }
  const unfinished = `${path}.${process.pid}`;
  try {
    await pipeline(
      Readable.from(archive([...entries, ...(await modules(kernel))])),
      createWriteStream(unfinished, { mode: 0o600 }),
    );
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  // Another editor may be making what has no such end yet; what it left half made is swept away one day.
  const outdated = cached.filter((other) => other.startsWith(prefix) && other.endsWith('.cpio'));
  await Promise.all(outdated.map((other) => rm(join(cacheDirectory, other), { force: true })));
  return { path, size: (await stat(path)).size };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
