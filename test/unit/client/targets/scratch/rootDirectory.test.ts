import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRootDirectory } from '../../../../../client/targets/scratch/rootDirectory';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kmod-root-'));
  for (const directory of ['usr/bin', 'usr/sbin', 'etc']) {
    mkdirSync(join(root, directory), { recursive: true });
  }
});
afterEach(() => rmSync(root, { recursive: true }));

function program(path: string, machine: number): void {
  const head = Buffer.alloc(64);
  head.write('\x7fELF', 'latin1');
  head.writeUInt16LE(machine, 18);
  writeFileSync(join(root, path), head);
  chmodSync(join(root, path), 0o4755);
}
const AARCH64 = 183;
const X86_64 = 62;

describe('a root directory of a guest', () => {
  it('is taken whole: directories, files with their modes, links as they are', async () => {
    program('usr/bin/busybox', AARCH64);
    symlinkSync('/usr/bin/dropbearmulti', join(root, 'usr/sbin/dropbear'));
    symlinkSync('usr/bin', join(root, 'bin'));

    const entries = await readRootDirectory(root, 'arm64');

    expect(entries).toContainEqual({ path: '/etc', kind: 'directory', mode: 0o755 });
    expect(entries).toContainEqual({
      path: '/usr/bin/busybox',
      kind: 'file',
      source: join(root, 'usr/bin/busybox'),
      mode: 0o4755,
    });
    expect(entries).toContainEqual({
      path: '/usr/sbin/dropbear',
      kind: 'link',
      target: '/usr/bin/dropbearmulti',
    });
    expect(entries).toContainEqual({ path: '/bin', kind: 'link', target: 'usr/bin' });
  });

  it('gets the links of a system whose /bin is that of /usr', async () => {
    program('usr/bin/busybox', AARCH64);
    program('usr/sbin/dropbear', AARCH64);

    const entries = await readRootDirectory(root, 'arm64');

    expect(entries).toContainEqual({ path: '/bin', kind: 'link', target: 'usr/bin' });
    expect(entries).toContainEqual({ path: '/sbin', kind: 'link', target: 'usr/sbin' });
  });

  it('has BusyBox and dropbear, for the processor of the kernel', async () => {
    await expect(readRootDirectory(join(root, 'none'), 'arm64')).rejects.toThrow('Correct rootDirectory');
    await expect(readRootDirectory(root, 'arm64')).rejects.toThrow('has no busybox in bin');
    program('usr/bin/busybox', X86_64);
    await expect(readRootDirectory(root, 'arm64')).rejects.toThrow(
      'is a program for x86_64, and the kernel is one for aarch64',
    );
    program('usr/bin/busybox', AARCH64);
    await expect(readRootDirectory(root, 'arm64')).rejects.toThrow('has no dropbear in bin');
  });
});
