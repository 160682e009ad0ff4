import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { moduleNameOfPath } from '../../kmod/name';

/** Where make leaves things that are no modules of this workspace. */
const EXCLUDED = '**/{node_modules,.git,debian}/**';

/**
 * The .ko files of the workspace, by module name: these are the user's own modules. Names come from the
 * paths; no file is read.
 */
export class WorkspaceModules implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly found = new Map<string, vscode.Uri[]>();
  /** Modules that were loaded from a file outside the workspace. */
  private readonly remembered = new Map<string, vscode.Uri>();
  private watcher: vscode.FileSystemWatcher | undefined;
  private searched: Promise<void> | undefined;

  dispose(): void {
    this.watcher?.dispose();
    this.changed.dispose();
  }

  /** Searches once and watches from then on. */
  search(): Promise<void> {
    this.searched ??= this.start();
    return this.searched;
  }

  /** A loaded module's own file: the newest of that name that the search found, or the one it was loaded from. */
  file(name: string): vscode.Uri | undefined {
    return this.remembered.get(name) ?? this.found.get(name)?.[0];
  }

  /** All .ko files, sorted by path. */
  files(): vscode.Uri[] {
    return [...this.found.values()].flat().sort((a, b) => (a.fsPath < b.fsPath ? -1 : 1));
  }

  names(): Set<string> {
    return new Set([...this.found.keys(), ...this.remembered.keys()]);
  }

  remember(name: string, file: vscode.Uri): void {
    this.remembered.set(name, file);
    this.changed.fire();
  }

  private async start(): Promise<void> {
    this.watcher = vscode.workspace.createFileSystemWatcher('**/*.ko');
    this.watcher.onDidCreate((uri) => this.add(uri));
    this.watcher.onDidChange(() => this.changed.fire());
    this.watcher.onDidDelete((uri) => this.remove(uri));
    for (const uri of await vscode.workspace.findFiles('**/*.ko', EXCLUDED, 2000)) {
      this.add(uri);
    }
  }

  private add(uri: vscode.Uri): void {
    const name = moduleNameOfPath(uri.path);
    const others = (this.found.get(name) ?? []).filter((other) => other.path !== uri.path);
    this.found.set(name, [uri, ...others]);
    this.changed.fire();
  }

  private remove(uri: vscode.Uri): void {
    const name = moduleNameOfPath(uri.path);
    const left = (this.found.get(name) ?? []).filter((other) => other.path !== uri.path);
    if (left.length === 0) {
      this.found.delete(name);
    } else {
      this.found.set(name, left);
    }
    this.changed.fire();
  }
}

/** The directories of the workspace that Kbuild can build a module in. */
export async function findBuildDirectories(
  isBuildDirectory: (directory: string) => Promise<boolean>,
): Promise<vscode.Uri[]> {
  const files = await vscode.workspace.findFiles('**/{Kbuild,Makefile}', EXCLUDED, 2000);
  const directories = new Map(files.map((uri) => [dirname(uri.fsPath), uri]));
  const found: vscode.Uri[] = [];
  for (const directory of [...directories.keys()].sort()) {
    if (await isBuildDirectory(directory)) {
      found.push(vscode.Uri.file(directory));
    }
  }
  return found;
}

export const directoryLabel = (uri: vscode.Uri): string =>
  vscode.workspace.getWorkspaceFolder(uri) === undefined
    ? uri.fsPath
    : vscode.workspace.asRelativePath(uri, false) || basename(uri.fsPath);
