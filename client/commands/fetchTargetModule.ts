import { normalizeModuleName } from '../../kmod/name';
import { plainText } from '../../kmod/plainText';
import { hashModuleBytes } from '../kernel/openModuleFile';
import { TargetModules } from '../kernel/targetModules';
import type { TargetModule } from '../views/moduleViewer/build';
import { withLateProgress } from './cancellation';
import type { Services } from './services';
import { ensureConnected } from './targets';

/**
 * Fetches the file of an installed module from the active target, into memory; connects it where it is not.
 * @returns undefined: it is built in, or it has no file there
 * @throws ModuleFileError, ElfError, CompressedError, and all that Target.run throws
 */
export async function fetchTargetModule(services: Services, name: string): Promise<TargetModule | undefined> {
  const connection = await ensureConnected(services);
  return readTargetModule(services, connection.name, name);
}

/** The same from any target that is connected. */
export async function readTargetModule(
  services: Services,
  target: string,
  name: string,
): Promise<TargetModule | undefined> {
  const modules = modulesOf(services, target);
  const tree = await modules.index();
  if (tree?.path(name) === undefined) {
    return undefined;
  }
  return withLateProgress(`Reading ${plainText(name)} of ${target}`, async (signal) => {
    const file = await modules.file(name, signal);
    return (
      file && {
        kind: 'targetModule',
        target: file.target,
        module: normalizeModuleName(name),
        release: file.release,
        opened: await hashModuleBytes(file.bytes, file.path),
        tree,
      }
    );
  });
}

/** What is kept is of the active target; another one's is read for this time. */
function modulesOf({ manager, targetModules }: Services, name: string): TargetModules {
  const state = manager.state(name);
  if (state.kind !== 'connected') {
    throw new Error(`${name} is not connected.`);
  }
  return manager.active === name
    ? targetModules
    : new TargetModules({ connected: () => ({ target: state.target, release: state.facts.release }) });
}
