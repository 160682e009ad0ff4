import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The tables of a small kernel: a_b, c and d are modules, ext4 is built in, passwd lies outside of the sysroot. */
export const KERNEL = {
  'modules.dep': 'kernel/a-b.ko.xz: kernel/c.ko\nkernel/c.ko:\n/opt/d.ko:\n../../../../etc/passwd.ko:\n',
  'modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
  'modules.builtin.modinfo': 'ext4.license=GPL\0ext4.alias=fs-ext4\0ext4.alias=pci:x\0',
  'modules.alias': '# Aliases\nalias char-major-10-* c\nalias pci:v1* c\n',
};

/** A directory to put kernels in, as a sysroot. */
export class Sysroot {
  private constructor(readonly path: string) {}

  static async create(): Promise<Sysroot> {
    return new Sysroot(await mkdtemp(join(tmpdir(), 'sysroot-')));
  }

  /** Lays a kernel's module directory down. @returns its path */
  async install(release: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
    const directory = join(this.path, 'lib/modules', release);
    await mkdir(directory, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
    return directory;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true });
  }
}
