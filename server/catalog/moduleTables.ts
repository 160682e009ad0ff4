import { MODULE_INDEX } from '../../engine/files/limits';
import type { Sysroot } from '../../engine/files/sysroot';
import { INDEX_FILES, tablesOfIndexes, type ModuleTables } from '../../kmod/tree/moduleTables';

/** Reads the indexes of a /lib/modules/RELEASE. */
export async function readModuleTables(sysroot: Sysroot, kernelDirectory: string): Promise<ModuleTables> {
  const read = await Promise.all(
    INDEX_FILES.map(
      async (file) => [file, await sysroot.read(`${kernelDirectory}/${file}`, MODULE_INDEX)] as const,
    ),
  );
  const files = new Map(read);
  return tablesOfIndexes((file) => files.get(file));
}
