import { createHash } from 'node:crypto';
import { mkdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namesIn, readTree } from '../../../engine/files/directory';
import { MODULE, MODULE_INDEX, SHORT_TEXT } from '../../../engine/files/limits';
import { readRegularFile, readTextFile } from '../../../engine/files/regularFile';
import { stripDebug } from '../../../kmod/stripDebug';
import { ConnectError } from '../errors';
import { findPrograms, output } from './programs';
import { sweep, touch } from './sweep';

/** The modules of one kernel, with depmod's index. */
export interface ModuleDirectory {
  readonly release: string;
  /** As /lib/modules/RELEASE is. */
  readonly path: string;
  /** For `make -C`. */
  readonly buildDirectory: string | undefined;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A kernel tree in which a kernel was built, or its O= directory. */
export const isKernelTree = (path: string): Promise<boolean> =>
  isThere(join(path, 'include/config/kernel.release'));

/** The directory for `make -C` that a module directory names. */
export async function buildDirectoryOf(modules: string): Promise<string | undefined> {
  const path = join(modules, 'build');
  return (await isThere(join(path, 'Makefile'))) ? path : undefined;
}

/**
 * Finds the modules that a person means by a path: /lib/modules/RELEASE or its like, a directory with such a
 * lib/modules in it (INSTALL_MOD_PATH, a package that was unpacked), or a kernel tree that was built. Where depmod
 * has not been, they are copied to below `cacheDirectory` and depmod runs there: nothing is written to `path`.
 * @throws ConnectError of kind "start" that says what is missing there
 */
export async function findModuleDirectory(path: string, cacheDirectory: string): Promise<ModuleDirectory> {
  if (await isKernelTree(path)) {
    const release = (await readTextFile(join(path, 'include/config/kernel.release'), SHORT_TEXT)).trim();
    return { ...(await indexed(path, release, await builtIn(path), cacheDirectory)), buildDirectory: path };
  }
  for (const parent of ['lib/modules', 'usr/lib/modules'].map((name) => join(path, name))) {
    const releases = await namesIn(parent).catch(() => []);
    const [only] = releases;
    if (only !== undefined && releases.length === 1) {
      return findModuleDirectory(join(parent, only), cacheDirectory);
    }
    if (only !== undefined) {
      throw new ConnectError(
        `${parent} has the modules of several kernels: ${releases.join(', ')}. Name one of these directories.`,
        'start',
      );
    }
  }
  const buildDirectory = await buildDirectoryOf(path);
  if (await isThere(join(path, 'modules.dep'))) {
    return { release: basename(path), path, buildDirectory };
  }
  if (await isThere(join(path, 'kernel'))) {
    const release = basename(path);
    return { ...(await indexed(path, release, await installedIn(path), cacheDirectory)), buildDirectory };
  }
  throw new ConnectError(
    `${path} has no kernel modules. It should be a kernel's lib/modules/RELEASE, a directory with lib/modules in it ` +
      '(make modules_install INSTALL_MOD_PATH=…, or a package that was unpacked), or a kernel tree that was built.',
    'start',
  );
}

/** A file of a module directory: what it is called there, and where it is. */
interface Member {
  readonly name: string;
  readonly source: string;
}

const TABLES = ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'];

/** What `make modules_install` would take out of a kernel tree; modules.order lists .o files since Linux 6.4. */
async function builtIn(tree: string): Promise<Member[]> {
  const order = await readTextFile(join(tree, 'modules.order'), MODULE_INDEX).catch(() => {
    throw new ConnectError(
      `${tree} has no modules.order: its modules are not built. Run make modules there.`,
      'start',
    );
  });
  const modules = order
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^kernel\//, '').replace(/\.o$/, '.ko'));
  return [
    ...modules.map((name) => ({ name: `kernel/${name}`, source: join(tree, name) })),
    ...tablesOf(tree),
  ];
}

async function installedIn(path: string): Promise<Member[]> {
  const modules = (await readTree(path))
    .filter(({ entry }) => entry.isFile() && /\.ko(\.\w+)?$/.test(entry.name))
    .map((found) => ({ name: found.path.slice(path.length + 1), source: found.path }));
  return [...modules, ...tablesOf(path)];
}

const tablesOf = (path: string): Member[] => TABLES.map((name) => ({ name, source: join(path, name) }));

/** Copies what has changed since the last time, and lets depmod make its index of it. */
async function indexed(
  origin: string,
  release: string,
  members: readonly Member[],
  cacheDirectory: string,
): Promise<Pick<ModuleDirectory, 'release' | 'path'>> {
  const name = `modules-${createHash('sha256').update(origin).digest('hex').slice(0, 16)}`;
  const root = join(cacheDirectory, name);
  const path = join(root, 'lib/modules', release);
  const made = await namesIn(join(root, 'lib/modules')).catch(() => []);
  if (made.some((other) => other !== release)) {
    await rm(root, { recursive: true });
  }
  await mkdir(path, { recursive: true });
  // Where depmod is one that looks in usr/lib/modules.
  await symlink('.', join(root, 'usr')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  });
  let changed = !(await isThere(join(path, 'modules.dep')));
  for (const member of members) {
    changed = (await copied(member, join(path, member.name))) || changed;
  }
  const wanted = new Set(members.map((member) => member.name));
  for (const { name: copy, source } of await installedIn(path)) {
    if (!wanted.has(copy)) {
      await rm(source, { force: true });
      changed = true;
    }
  }
  await touch(root);
  await sweep(cacheDirectory, /^modules-/);
  if (changed) {
    const { depmod } = findPrograms(['depmod']);
    await output(depmod, ['-b', root, release]);
  }
  return { release, path };
}

/** False: the copy was made of this very file. Debug information stays behind: a guest has it in memory. */
async function copied({ name, source }: Member, copy: string): Promise<boolean> {
  const [from, to] = await Promise.all([source, copy].map((file) => stat(file).catch(() => undefined)));
  if (from === undefined) {
    if (TABLES.includes(name)) {
      return false;
    }
    throw new ConnectError(`${source} is missing: build the modules of this kernel once more.`, 'start');
  }
  if (to !== undefined && Math.trunc(to.mtimeMs) === Math.trunc(from.mtimeMs)) {
    return false;
  }
  await mkdir(dirname(copy), { recursive: true });
  await writeFile(copy, withoutDebug(await readRegularFile(source, MODULE), source));
  await utimes(copy, from.atimeMs / 1000, from.mtimeMs / 1000);
  return true;
}

function withoutDebug(bytes: Buffer, file: string): Uint8Array {
  try {
    return file.endsWith('.ko') ? stripDebug(bytes) : bytes;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConnectError(`${file} is no kernel module: ${why}`, 'start', { cause: error });
  }
}
