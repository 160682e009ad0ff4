import { access } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { KBUILD_FILE, MODULE_INDEX } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { BudgetError } from '../../kmod/budget';
import { KBUILD_FILE_NAMES, namesModules } from '../../kmod/kbuild';

export interface KbuildFile {
  readonly path: string;
  readonly text: string;
}

/** The file of a directory that says what modules are built there; undefined: it is no module build directory. */
export async function readKbuildFile(directory: string): Promise<KbuildFile | undefined> {
  for (const name of KBUILD_FILE_NAMES) {
    const path = join(directory, name);
    const text = await readTextFile(path, KBUILD_FILE).catch(() => undefined);
    if (text !== undefined && namesModules(text)) {
      return { path, text };
    }
  }
  return undefined;
}

/** True for a directory whose Kbuild file or Makefile names modules to build. */
export async function isBuildDirectory(directory: string): Promise<boolean> {
  return (await readKbuildFile(directory)) !== undefined;
}

/** A full kernel's build makes some 10,000. */
const MOST_MODULES = 1 << 16;

/**
 * The .ko files that the last build of a directory made, in Kbuild's order, absolute: what modules.order
 * lists (as .o since Linux 6.4, relative to the directory since 6.13).
 * @throws BudgetError
 */
export async function builtModules(directory: string): Promise<string[]> {
  const order = await readTextFile(join(directory, 'modules.order'), MODULE_INDEX).catch(() => '');
  const lines = order.split('\n', MOST_MODULES + 1);
  if (lines.length > MOST_MODULES) {
    throw new BudgetError(`modules.order has more than ${MOST_MODULES} lines, as no build's has`);
  }
  const files = lines
    .filter((line) => line !== '')
    .map((line) => line.replace(/\.o$/, '.ko'))
    .map((path) => (isAbsolute(path) ? path : resolve(directory, path)));
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}
