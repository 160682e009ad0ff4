import { basename } from 'node:path';
import * as vscode from 'vscode';
import { moduleNameOfPath } from '../../kmod/name';
import { ModuleViewer } from '../views/moduleViewer/moduleViewer';
import { CancelledError } from './cancellation';
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
  const shown = clicked instanceof vscode.Uri ? clicked : activeModule();
  const after = shown ?? (await pick(services, 'The module to compare'));
  const before = await pick(services, `The build to compare ${basename(after.fsPath)} with`, after);
  await services.viewer.compare(before, after);
}

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

/** A module file: those of the name of the other one stand first. */
async function pick(
  { workspaceModules }: Services,
  placeHolder: string,
  other?: vscode.Uri,
): Promise<vscode.Uri> {
  type Choice = vscode.QuickPickItem & { uri?: vscode.Uri };
  const name = other === undefined ? undefined : moduleNameOfPath(other.path);
  const files = workspaceModules.files().filter((uri) => uri.fsPath !== other?.fsPath);
  const sameName = (uri: vscode.Uri): boolean => moduleNameOfPath(uri.path) === name;
  const choices: Choice[] = [...files.filter(sameName), ...files.filter((uri) => !sameName(uri))].map(
    (uri) => ({
      label: `$(file-binary) ${vscode.workspace.asRelativePath(uri)}`,
      uri,
    }),
  );
  choices.push({ label: '$(folder-opened) Another file…' });
  const picked = await vscode.window.showQuickPick(choices, {
    title: 'Compare Modules',
    placeHolder,
    // The page that has the focus gets it back when the palette closes, and that may come after the list opened.
    ignoreFocusOut: true,
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.uri ?? pickOther();
}

async function pickOther(): Promise<vscode.Uri> {
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
