import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { isBuildDirectory } from '../build/kbuildProject';
import { formatSize } from '../kernel/formatSize';
import type { DeviceModuleItem } from '../views/devicesView';
import type { ModuleItem } from '../views/loadedModulesView';
import type { AvailableItem } from '../views/modulesExplorer';
import { directoryLabel, findBuildDirectories } from '../views/workspaceModules';
import { CancelledError } from './cancellation';
import type { Services } from './services';

/** What a load works on: a module file as it is, or a directory that is built first. */
export type LoadSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'directory'; readonly directory: string };

const isModuleItem = (argument: unknown): argument is ModuleItem =>
  typeof argument === 'object' && argument !== null && (argument as Partial<ModuleItem>).kind === 'module';

/** A row of a module that need not be loaded. */
const isNamed = (argument: unknown): argument is DeviceModuleItem | AvailableItem =>
  typeof argument === 'object' &&
  argument !== null &&
  ['deviceModule', 'available'].includes((argument as { readonly kind?: string }).kind ?? '');

/** A row that tells of an installed module, also where this workspace has one of that name. */
export const isInstalledRow = (argument: unknown): boolean =>
  isNamed(argument) && (argument.kind === 'available' || argument.file === undefined);

/** The modules a command was called on: all that are selected when the clicked one is among them. */
export function clickedModules(clicked: unknown, selected: unknown): string[] {
  if (isNamed(clicked)) {
    return [clicked.name];
  }
  if (!isModuleItem(clicked)) {
    return typeof clicked === 'string' ? [clicked] : [];
  }
  const rows = Array.isArray(selected) ? selected.filter(isModuleItem) : [];
  const all = rows.some((row) => row.module.name === clicked.module.name) ? rows : [clicked];
  return [...new Set(all.map((row) => row.module.name))];
}

/** A Kbuild file, a Makefile or a directory -> the directory. */
async function directoryOf(uri: vscode.Uri): Promise<string> {
  return (await stat(uri.fsPath)).isDirectory() ? uri.fsPath : dirname(uri.fsPath);
}

/** The directory to build: the clicked one, the active editor's, the only one, or the one that is picked. */
export async function pickBuildDirectory(clicked: unknown, verb: string): Promise<string> {
  if (clicked instanceof vscode.Uri) {
    return directoryOf(clicked);
  }
  const editor = vscode.window.activeTextEditor?.document.uri;
  if (editor?.scheme === 'file' && (await isBuildDirectory(dirname(editor.fsPath)))) {
    return dirname(editor.fsPath);
  }
  const directories = await findBuildDirectories();
  const [first] = directories;
  if (first === undefined) {
    throw new Error(
      'this workspace has no directory with a Kbuild file or a Makefile that says obj-m. Open the folder of a module.',
    );
  }
  if (directories.length === 1) {
    return first.fsPath;
  }
  const picked = await vscode.window.showQuickPick(
    directories.map((uri) => ({ label: `$(tools) ${directoryLabel(uri)}`, directory: uri.fsPath })),
    { title: verb, placeHolder: 'The directory of the module' },
  );
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.directory;
}

/** What to load: the clicked file or directory, or what is picked among the workspace's. */
export async function pickLoadSource({ workspaceModules }: Services, clicked: unknown): Promise<LoadSource> {
  if (clicked instanceof vscode.Uri) {
    return clicked.path.endsWith('.ko')
      ? { kind: 'file', path: clicked.fsPath }
      : { kind: 'directory', directory: await directoryOf(clicked) };
  }
  await workspaceModules.search();
  type Choice = vscode.QuickPickItem & { source?: LoadSource };
  const directories = await findBuildDirectories();
  const choices: Choice[] = directories.map((uri) => ({
    label: `$(tools) ${directoryLabel(uri)}`,
    description: 'build, then load',
    source: { kind: 'directory', directory: uri.fsPath },
  }));
  for (const uri of workspaceModules.files()) {
    const { size } = await stat(uri.fsPath);
    choices.push({
      label: `$(circuit-board) ${vscode.workspace.asRelativePath(uri)}`,
      description: `${formatSize(size)}, as it is`,
      source: { kind: 'file', path: uri.fsPath },
    });
  }
  choices.push({ label: '$(folder-opened) Another file…' });
  const picked = await vscode.window.showQuickPick(choices, {
    title: 'Load Module',
    placeHolder: 'A directory to build, or a .ko file',
    matchOnDescription: true,
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.source ?? { kind: 'file', path: (await pickOtherFile('Load Module', 'Load')).fsPath };
}

/** A module file: of the workspace, or any other. */
export async function pickModuleFile({ workspaceModules }: Services, title: string): Promise<vscode.Uri> {
  await workspaceModules.search();
  type Choice = vscode.QuickPickItem & { file?: vscode.Uri };
  const choices: Choice[] = workspaceModules
    .files()
    .map((file) => ({ label: `$(circuit-board) ${vscode.workspace.asRelativePath(file)}`, file }));
  const picked = await vscode.window.showQuickPick<Choice>(
    [...choices, { label: '$(folder-opened) Another file…' }],
    { title, placeHolder: 'A .ko file' },
  );
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.file ?? pickOtherFile(title, 'Open');
}

async function pickOtherFile(title: string, openLabel: string): Promise<vscode.Uri> {
  const files = await vscode.window.showOpenDialog({
    title,
    openLabel,
    filters: { 'Kernel modules': ['ko'] },
  });
  const [file] = files ?? [];
  if (file === undefined) {
    throw new CancelledError();
  }
  return file;
}
