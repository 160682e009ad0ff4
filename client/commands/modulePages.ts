import * as vscode from 'vscode';
import { moduleNameOfPath } from '../../kmod/name';
import { plainText } from '../../kmod/plainText';
import { buildLabel, isTargetModule, type Build } from '../views/moduleViewer/build';
import { ModuleViewer } from '../views/moduleViewer/moduleViewer';
import { CancelledError } from './cancellation';
import { fetchTargetModule } from './fetchTargetModule';
import type { Services } from './services';

/** Shows what two builds differ in: the two that are selected, or the clicked one and one that is picked. */
export async function compareModules(services: Services, clicked: unknown, selected: unknown): Promise<void> {
  const [older, newer, ...more] = await byAge(
    (Array.isArray(selected) ? selected : []).filter((one) => one instanceof vscode.Uri),
  );
  if (older !== undefined && newer !== undefined && more.length === 0) {
    return services.viewer.compare(older, newer);
  }
  await services.workspaceModules.search();
  if (isTargetModule(clicked)) {
    // What is installed is the older one, mostly.
    return services.viewer.compare(clicked, await pickOther(services, clicked));
  }
  const shown = clicked instanceof vscode.Uri ? clicked : activeModule();
  const after = shown ?? (await pick(services, 'The module to compare'));
  await services.viewer.compare(await pickOther(services, after), after);
}

const pickOther = (services: Services, one: Build): Promise<Build> =>
  pick(services, `The build to compare ${buildLabel(one)} with`, one);

async function byAge(files: readonly vscode.Uri[]): Promise<vscode.Uri[]> {
  const dated = await Promise.all(
    files.map(async (uri) => ({ uri, time: (await vscode.workspace.fs.stat(uri)).mtime })),
  );
  return dated.sort((a, b) => a.time - b.time).map(({ uri }) => uri);
}

/** The module file whose page is open in front. */
function activeModule(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.viewType === ModuleViewer.viewType
    ? input.uri
    : undefined;
}

/** A module: the builds of the other one stand first. */
async function pick(services: Services, placeHolder: string, other?: Build): Promise<Build> {
  type Choice = vscode.QuickPickItem & { readonly build: () => Promise<Build> };
  const path = other instanceof vscode.Uri ? other.fsPath : other?.opened.file;
  const name = path === undefined ? undefined : moduleNameOfPath(path);
  const choices: Choice[] = services.workspaceModules
    .files()
    .filter(({ fsPath }) => !(other instanceof vscode.Uri && fsPath === other.fsPath))
    .sort((a, b) => Number(isOf(b, name)) - Number(isOf(a, name)))
    .map((uri) => ({
      label: `$(file-binary) ${vscode.workspace.asRelativePath(uri)}`,
      build: () => Promise.resolve(uri),
    }));
  if (name !== undefined && other instanceof vscode.Uri && (await isInstalled(services, name))) {
    choices.unshift({
      label: `$(circuit-board) ${plainText(name)}`,
      description: `installed on ${services.manager.active ?? 'the target'}`,
      build: () => fetched(services, name),
    });
  }
  choices.push({ label: '$(folder-opened) Another file…', build: pickFile });
  const picked = await vscode.window.showQuickPick(choices, {
    title: 'Compare Modules',
    placeHolder,
    // The page that has the focus gets it back when the palette closes, and that may come after the list opened.
    ignoreFocusOut: true,
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.build();
}

const isOf = (uri: vscode.Uri, name: string | undefined): boolean => moduleNameOfPath(uri.path) === name;

/** Of a target that is connected already: a comparison of files asks for none. */
const isInstalled = async ({ targetModules }: Services, name: string): Promise<boolean> =>
  (await targetModules.index())?.path(name) !== undefined;

async function fetched(services: Services, name: string): Promise<Build> {
  const module = await fetchTargetModule(services, name);
  if (module === undefined) {
    throw new Error(`the file of ${name} is not there any more.`);
  }
  return module;
}

async function pickFile(): Promise<vscode.Uri> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: 'Compare Modules',
      openLabel: 'Compare',
      filters: { 'Kernel modules': ['ko', 'ko.xz', 'ko.zst', 'ko.gz'] },
    })) ?? [];
  if (file === undefined) {
    throw new CancelledError();
  }
  return file;
}

/** Copies what the page with the focus says. */
export async function copyModuleText({ viewer }: Services): Promise<void> {
  const text = await viewer.activeText();
  if (text === undefined) {
    throw new Error('no page of a module has the focus.');
  }
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage('$(check) Copied as text', 3000);
}
