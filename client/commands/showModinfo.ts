import * as vscode from 'vscode';
import { formatModinfo } from '../../kmod/modinfoText';
import { CancelledError } from './cancellation';
import { clickedModules } from './pickModule';
import { readModule } from './readModule';
import type { Services } from './services';
import { ensureConnected } from './targets';

/** modinfo of a .ko in the Explorer, of a module in the tree, or of one that is picked. */
export async function showModinfo(services: Services, clicked: unknown): Promise<void> {
  if (clicked instanceof vscode.Uri) {
    return showFile(services, clicked.fsPath);
  }
  await services.workspaceModules.search();
  const [name] = clickedModules(clicked, undefined);
  const own = name === undefined ? undefined : services.workspaceModules.file(name);
  if (own !== undefined) {
    return showFile(services, own.fsPath);
  }
  if (name !== undefined) {
    return services.available.snapshot?.place.kind === 'local'
      ? showLocal(services, name)
      : showInstalled(services, name);
  }
  return pick(services);
}

async function pick(services: Services): Promise<void> {
  type Choice = vscode.QuickPickItem & { run: () => Promise<void> };
  const files: Choice[] = services.workspaceModules.files().map((uri) => ({
    label: `$(file-binary) ${vscode.workspace.asRelativePath(uri)}`,
    run: () => showFile(services, uri.fsPath),
  }));
  const installed: Choice[] = (await services.targetModules.names()).sort().map((name) => ({
    label: `$(circuit-board) ${name}`,
    description: services.manager.active ?? '',
    run: () => showInstalled(services, name),
  }));
  if (files.length + installed.length === 0) {
    throw new Error('this workspace has no .ko file, and no target is connected.');
  }
  const picked = await vscode.window.showQuickPick([...files, ...installed], {
    title: 'Show Modinfo',
    placeHolder: 'A module file of this workspace, or a module of the target',
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  await picked.run();
}

async function showFile(services: Services, path: string): Promise<void> {
  const info = await readModule(services, path);
  await services.documents.open(`${info.name}.modinfo`, formatModinfo(info, { fileName: path }));
}

/** Of a sysroot, or of this machine: no target is connected. */
async function showLocal(services: Services, name: string): Promise<void> {
  const file = services.available.file(name);
  if (file !== undefined) {
    return showFile(services, file);
  }
  const info = await services.available.info(name);
  if (info === undefined) {
    throw new Error(`${services.available.snapshot?.label ?? 'this machine'} has no module ${name}.`);
  }
  await services.documents.open(`${name}.modinfo`, formatModinfo(info));
}

async function showInstalled(services: Services, name: string): Promise<void> {
  const connection = await ensureConnected(services);
  const info = await services.targetModules.info(name);
  if (info === undefined) {
    throw new Error(
      `${connection.name} has no file of ${name} in /lib/modules/${connection.facts.release}: it was loaded from elsewhere.`,
    );
  }
  await services.documents.open(
    `${name}.modinfo`,
    formatModinfo(info, { fileName: `${connection.name}:${name}` }),
  );
}
