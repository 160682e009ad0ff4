import * as vscode from 'vscode';
import { formatModinfo } from '../../kmod/modinfoText';
import { plainText } from '../../kmod/plainText';
import { isTargetModule } from '../views/moduleViewer/build';
import { CancelledError } from './cancellation';
import { fetchTargetModule } from './fetchTargetModule';
import { clickedModules, isInstalledRow } from './pickModule';
import { readModule } from './readModule';
import type { Services } from './services';
import { ensureConnected } from './targets';

/** What is asked about: a file of this machine, or an installed module of what the Modules explorer shows. */
type Subject =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'installed'; readonly name: string };

/** The page of a .ko in the Explorer, of a module in a view, or of one that is picked. */
export async function showModinfo(services: Services, clicked: unknown): Promise<void> {
  const subject = await subjectOf(services, clicked, 'Show Modinfo');
  const file = subject.kind === 'file' ? subject.path : localFile(services, subject.name);
  if (file !== undefined) {
    return services.viewer.open(vscode.Uri.file(file));
  }
  if (subject.kind === 'file' || isLocal(services)) {
    return showText(services, subject);
  }
  const module = await fetchTargetModule(services, subject.name);
  return module === undefined ? showText(services, subject) : services.viewer.openFetched(module);
}

/** The same as modinfo(8) prints it. */
export async function showModinfoText(services: Services, clicked: unknown): Promise<void> {
  if (isTargetModule(clicked)) {
    const { target, opened } = clicked;
    return open(services, formatModinfo(opened.contents.info, { fileName: `${target}:${opened.file}` }), {
      name: opened.contents.info.name,
    });
  }
  return showText(services, await subjectOf(services, clicked, 'Show Modinfo as Text'));
}

async function subjectOf(services: Services, clicked: unknown, title: string): Promise<Subject> {
  if (clicked instanceof vscode.Uri) {
    return { kind: 'file', path: clicked.fsPath };
  }
  const [name] = clickedModules(clicked, undefined);
  await services.workspaceModules.search();
  if (name === undefined) {
    return pick(services, title);
  }
  const own = isInstalledRow(clicked) ? undefined : services.workspaceModules.file(name);
  return own === undefined ? { kind: 'installed', name } : { kind: 'file', path: own.fsPath };
}

async function pick(services: Services, title: string): Promise<Subject> {
  type Choice = vscode.QuickPickItem & { readonly subject: Subject };
  const files: Choice[] = services.workspaceModules.files().map((uri) => ({
    label: `$(file-binary) ${vscode.workspace.asRelativePath(uri)}`,
    subject: { kind: 'file', path: uri.fsPath },
  }));
  const installed: Choice[] = (await services.targetModules.names()).sort().map((name) => ({
    label: `$(circuit-board) ${plainText(name)}`,
    description: services.manager.active ?? '',
    subject: { kind: 'installed', name },
  }));
  if (files.length + installed.length === 0) {
    throw new Error('this workspace has no .ko file, and no target is connected.');
  }
  const picked = await vscode.window.showQuickPick([...files, ...installed], {
    title,
    placeHolder: 'A module file of this workspace, or a module of the target',
    // A page that has the focus gets it back when the palette closes, and that may come after the list opened.
    ignoreFocusOut: true,
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.subject;
}

/** No target is connected, and the Modules explorer shows a sysroot or this machine. */
function isLocal({ available, manager }: Services): boolean {
  const connected = manager.active !== undefined && manager.state(manager.active).kind === 'connected';
  return !connected && available.snapshot?.place.kind === 'local';
}

const localFile = (services: Services, name: string): string | undefined =>
  isLocal(services) ? services.available.file(name) : undefined;

async function showText(services: Services, subject: Subject): Promise<void> {
  const path = subject.kind === 'file' ? subject.path : localFile(services, subject.name);
  if (path !== undefined) {
    const info = await readModule(services, path);
    return open(services, formatModinfo(info, { fileName: path }), info);
  }
  if (subject.kind === 'installed') {
    const { name } = subject;
    return isLocal(services) ? showLocal(services, name) : showInstalled(services, name);
  }
}

/** Built in: it has no file. */
async function showLocal(services: Services, name: string): Promise<void> {
  const info = await services.available.info(name);
  if (info === undefined) {
    throw new Error(`${services.available.snapshot?.label ?? 'this machine'} has no module ${name}.`);
  }
  return open(services, formatModinfo(info), { name });
}

async function showInstalled(services: Services, name: string): Promise<void> {
  const connection = await ensureConnected(services);
  const info = await services.targetModules.info(name);
  if (info === undefined) {
    throw new Error(
      `${connection.name} has no file of ${name} in /lib/modules/${connection.facts.release}: it was loaded from elsewhere.`,
    );
  }
  return open(services, formatModinfo(info, { fileName: `${connection.name}:${name}` }), { name });
}

const open = ({ documents }: Services, text: string, { name }: { readonly name: string }): Promise<void> =>
  documents.open(`${name}.modinfo`, text);
