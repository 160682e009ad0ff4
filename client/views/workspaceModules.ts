import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { KbuildModules } from '../../engine/base/kbuildModules';
import { moduleNameOfPath, normalizeModuleName } from '../../kmod/name';
import { isBuildDirectory, readKbuildFile } from '../build/kbuildProject';

/** Milliseconds. */
const GATHER_MS = 50;

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
  private readonly watchers: vscode.FileSystemWatcher[] = [];
  private searched: Promise<void> | undefined;
  private announcing: NodeJS.Timeout | undefined;
  private readonly kbuild: KbuildModules;

  /** @param warn is told of a Kbuild file that is passed over */
  constructor(warn: (message: string) => void) {
    this.kbuild = new KbuildModules(warn);
  }

  dispose(): void {
    clearTimeout(this.announcing);
    vscode.Disposable.from(...this.watchers, this.changed).dispose();
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

  /** All modules, those too that a Kbuild file names and that are not built. */
  async known(): Promise<{ name: string; file?: string }[]> {
    const known = new Map<string, { name: string; file?: string }>();
    for (const directory of await findBuildDirectories()) {
      const file = await readKbuildFile(directory.fsPath);
      for (const { name } of file === undefined ? [] : this.kbuild.of(file.path, file.text)) {
        known.set(normalizeModuleName(name), { name: normalizeModuleName(name) });
      }
    }
    for (const name of this.names()) {
      const file = this.file(name);
      known.set(name, file === undefined ? { name } : { name, file: file.fsPath });
    }
    return [...known.values()];
  }

  remember(name: string, file: vscode.Uri): void {
    this.remembered.set(name, file);
    this.announce();
  }

  /** A build writes many files: the views are told once. */
  private announce(): void {
    this.announcing ??= setTimeout(() => {
      this.announcing = undefined;
      this.changed.fire();
    }, GATHER_MS);
  }

  private async start(): Promise<void> {
    const modules = vscode.workspace.createFileSystemWatcher('**/*.ko');
    modules.onDidCreate((uri) => this.add(uri));
    modules.onDidChange(() => this.announce());
    modules.onDidDelete((uri) => this.remove(uri));
    const kbuild = vscode.workspace.createFileSystemWatcher('**/{Kbuild,Makefile}');
    kbuild.onDidCreate(() => this.announce());
    kbuild.onDidChange(() => this.announce());
    kbuild.onDidDelete(() => this.announce());
    this.watchers.push(modules, kbuild);
    for (const uri of await vscode.workspace.findFiles('**/*.ko', EXCLUDED, 2000)) {
      this.add(uri);
    }
    this.announce();
  }

  private add(uri: vscode.Uri): void {
    const name = moduleNameOfPath(uri.path);
    const others = (this.found.get(name) ?? []).filter((other) => other.path !== uri.path);
    this.found.set(name, [uri, ...others]);
    this.announce();
  }

  private remove(uri: vscode.Uri): void {
    const name = moduleNameOfPath(uri.path);
    const left = (this.found.get(name) ?? []).filter((other) => other.path !== uri.path);
    if (left.length === 0) {
      this.found.delete(name);
    } else {
      this.found.set(name, left);
    }
    this.announce();
  }
}

/** The directories of the workspace that Kbuild can build a module in. */
export async function findBuildDirectories(): Promise<vscode.Uri[]> {
  const files = await vscode.workspace.findFiles('**/{Kbuild,Makefile}', EXCLUDED, 2000);
  const directories = new Set(files.map((uri) => dirname(uri.fsPath)));
  const found: vscode.Uri[] = [];
  for (const directory of [...directories].sort()) {
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
