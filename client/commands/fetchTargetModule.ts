import { hashModuleBytes } from '../kernel/openModuleFile';
import { plainText } from '../views/format';
import type { TargetModule } from '../views/moduleViewer/build';
import { withLateProgress } from './cancellation';
import type { Services } from './services';
import { ensureConnected } from './targets';

/**
 * Fetches the file of an installed module from the active target, into memory.
 * @returns undefined: it is built in, or it has no file there
 * @throws ModuleFileError, ElfError, CompressedError, and all that Target.run throws
 */
export async function fetchTargetModule(services: Services, name: string): Promise<TargetModule | undefined> {
  const { targetModules } = services;
  const connection = await ensureConnected(services);
  const tree = await targetModules.index();
  if (tree?.path(name) === undefined) {
    return undefined;
  }
  return withLateProgress(`Reading ${plainText(name)} of ${connection.name}`, async (signal) => {
    const file = await targetModules.file(name, signal);
    return (
      file && {
        kind: 'targetModule',
        target: file.target,
        release: file.release,
        opened: await hashModuleBytes(file.bytes, file.path),
        tree,
      }
    );
  });
}
