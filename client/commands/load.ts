import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModuleInfo } from '../../kmod/modinfo';
import { builtModules } from '../build/kbuildProject';
import { loadModule } from '../kernel/loadModule';
import { inLoadOrder } from '../kernel/order';
import { formatSeconds } from '../views/format';
import { askParameters, assignments, loadedWithKey, type ParameterValues } from './askParameters';
import { CancelledError, withProgress } from './cancellation';
import { pickLoadSource, type LoadSource } from './pickModule';
import { readModule } from './readModule';
import type { Services } from './services';
import { keepDebug } from './settings';
import { ensureConnected, type Connection } from './targets';
import { afterChange } from './afterChange';
import { say } from '../views/say';

interface LocalModule {
  readonly path: string;
  readonly info: ModuleInfo;
}

/** Loads a .ko as it is; a directory is built first. */
export async function load(services: Services, clicked: unknown): Promise<void> {
  const source = await pickLoadSource(services, clicked);
  const connection = await ensureConnected(services);
  const modules = await prepare(services, source);
  for (const module of modules) {
    await loadOne(services, connection, module, {});
  }
}

export async function loadWithParameters(services: Services, clicked: unknown): Promise<void> {
  const source = await pickLoadSource(services, clicked);
  const connection = await ensureConnected(services);
  const modules = await prepare(services, source);
  for (const module of modules) {
    const before = services.memory.get<ParameterValues>(loadedWithKey(module.info.name), {});
    const values = await askParameters(module.info, before);
    await loadOne(services, connection, module, values);
  }
}

/** Builds where it must, asks which of several, and puts them in the order of their dependencies. */
async function prepare(services: Services, source: LoadSource): Promise<LocalModule[]> {
  if (source.kind === 'file') {
    return [{ path: source.path, info: await readModule(services, source.path) }];
  }
  await services.tasks.run(source.directory, 'modules');
  const modules = await Promise.all(
    (await builtModules(source.directory)).map(async (path) => ({
      path,
      info: await readModule(services, path),
    })),
  );
  if (modules.length === 0) {
    throw new Error(`the build of ${source.directory} made no .ko file. Does its Kbuild file say obj-m?`);
  }
  return inLoadOrder(modules.length === 1 ? modules : await pickSome(modules));
}

async function pickSome(modules: readonly LocalModule[]): Promise<LocalModule[]> {
  const picked = await vscode.window.showQuickPick(
    modules.map((module) => ({
      label: module.info.name,
      description: basename(module.path),
      picked: true,
      module,
    })),
    { title: 'Load Module', placeHolder: 'Which of the modules that were built?', canPickMany: true },
  );
  if (picked === undefined || picked.length === 0) {
    throw new CancelledError();
  }
  return picked.map(({ module }) => module);
}

async function loadOne(
  services: Services,
  { name: targetName, target, facts }: Connection,
  { path, info }: LocalModule,
  values: ParameterValues,
): Promise<void> {
  const started = Date.now();
  await afterChange(
    services,
    targetName,
    async () => {
      const result = await withProgress(`Loading ${info.name} on ${targetName}`, ({ signal, report }) =>
        loadModule(
          { target, facts, file: path, parameters: assignments(values), keepDebug: keepDebug(), report },
          signal,
        ),
      );
      services.workspaceModules.remember(info.name, vscode.Uri.file(path));
      await services.memory.update(loadedWithKey(info.name), values);
      for (const warning of result.warnings) {
        void say.warning(`${info.name} on ${targetName}: ${warning.message}`);
      }
      return `${info.name} loaded on ${targetName} in ${formatSeconds(Date.now() - started)}`;
    },
    info.name,
  );
}
