import * as vscode from 'vscode';
import { LoadError, reloadModule } from '../kernel/loadModule';
import { inUnloadOrder } from '../kernel/order';
import { unloadModule } from '../kernel/unloadModule';
import { isBuildDirectory } from '../build/kbuildProject';
import { formatSize } from '../kernel/formatSize';
import { formatSeconds } from '../views/format';
import { dirname } from 'node:path';
import { afterChange } from './afterChange';
import { assignments, loadedWithKey } from './askParameters';
import { CancelledError, withProgress } from './cancellation';
import { clickedModules } from './pickModule';
import type { Services } from './services';
import { keepDebug } from './settings';
import { ensureConnected } from './targets';

/** Asks for one of the loaded modules; the user's own stand first. */
async function pickLoaded(services: Services, title: string, ownOnly: boolean): Promise<string> {
  await services.monitor.refresh();
  const { snapshot, error } = services.monitor;
  if (error !== undefined) {
    throw error;
  }
  const rows = (snapshot?.modules ?? [])
    .map((module) => ({ module, own: services.workspaceModules.file(module.name) !== undefined }))
    .filter(({ own }) => own || !ownOnly)
    .sort((a, b) => Number(b.own) - Number(a.own) || (a.module.name < b.module.name ? -1 : 1));
  if (rows.length === 0) {
    throw new Error(
      ownOnly
        ? 'no module that was built in this workspace is loaded. Load one first.'
        : 'no module is loaded on this target.',
    );
  }
  const picked = await vscode.window.showQuickPick(
    rows.map(({ module, own }) => ({
      label: `$(circuit-board) ${module.name}`,
      description: [
        own ? 'built here' : undefined,
        formatSize(module.size),
        module.usedBy.length > 0 ? `used by ${module.usedBy.join(', ')}` : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(' · '),
      name: module.name,
    })),
    { title, placeHolder: 'A loaded module' },
  );
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.name;
}

/** Unloads what was clicked (all that are selected); what depends on another goes first. */
export async function unload(services: Services, clicked: unknown, selected: unknown): Promise<void> {
  const { name: targetName, target } = await ensureConnected(services);
  const clickedNames = clickedModules(clicked, selected);
  const names = clickedNames.length > 0 ? clickedNames : [await pickLoaded(services, 'Unload Module', false)];
  for (const name of inUnloadOrder(services.monitor.snapshot?.modules ?? [], names)) {
    const started = Date.now();
    await afterChange(
      services,
      targetName,
      async () => {
        await withProgress(`Unloading ${name} from ${targetName}`, ({ signal }) =>
          unloadModule({ target, name }, signal),
        );
        return `${name} unloaded from ${targetName} in ${formatSeconds(Date.now() - started)}`;
      },
      name,
    );
  }
}

/** Builds an own module again and loads it in place of the loaded one, with the parameters it was last given. */
export async function reload(services: Services, clicked: unknown): Promise<void> {
  const { name: targetName, target, facts } = await ensureConnected(services);
  await services.workspaceModules.search();
  const name = clickedModules(clicked, undefined)[0] ?? (await pickLoaded(services, 'Reload Module', true));
  const file = services.workspaceModules.file(name)?.fsPath;
  if (file === undefined) {
    throw new Error(`this workspace has no ${name}.ko. Build it, or load it from a file.`);
  }
  const directory = dirname(file);
  const build = (await isBuildDirectory(directory))
    ? (signal: AbortSignal) => services.tasks.run(directory, 'modules', signal)
    : undefined;
  const parameters = assignments(services.memory.get(loadedWithKey(name), {}));
  const started = Date.now();
  try {
    await afterChange(
      services,
      targetName,
      async () => {
        await withProgress(`Reloading ${name} on ${targetName}`, ({ signal, report }) =>
          reloadModule(
            {
              target,
              facts,
              file,
              parameters,
              keepDebug: keepDebug(),
              report,
              ...(build === undefined ? {} : { build }),
            },
            signal,
          ),
        );
        return `${name} reloaded on ${targetName} in ${formatSeconds(Date.now() - started)}`;
      },
      name,
    );
  } catch (error) {
    throw error instanceof LoadError ? withOldModule(error, name, services) : error;
  }
}

/** Says that the old module is there where the reload failed before its turn came. */
function withOldModule(error: LoadError, name: string, { monitor }: Services): LoadError {
  const isLoaded = monitor.snapshot?.modules.some((module) => module.name === name) ?? false;
  return error.step === 'insmod' || !isLoaded
    ? error
    : new LoadError(
        `${name} stays loaded as it was. ${error.message}`,
        error.step,
        error.kernelLog,
        error.module,
        { cause: error.cause },
      );
}
