import * as vscode from 'vscode';
import { firstValue } from '../../kmod/modinfo';
import { plainText } from '../../kmod/plainText';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { AvailableModules, AvailableSnapshot } from '../kernel/availableModules';
import { builtinDirectoriesOf, directoriesOf, type ModuleDirectory } from '../kernel/moduleDirectories';
import type { ModuleMonitor } from '../kernel/moduleMonitor';
import type { TargetManager } from '../targets/targetManager';
import { plural } from './format';
import { failureRow, messageItem, type MessageRow } from './messageRow';
import { messageOf } from './messageOf';
import { textTooltip } from './textTooltip';

/** A module that is installed or built in; also where another module's row tells of it. */
export interface AvailableItem {
  readonly kind: 'available';
  readonly name: string;
  /** undefined: below another module. */
  readonly directory: DirectoryRow | undefined;
}

interface DirectoryRow {
  readonly kind: 'directory';
  readonly directory: ModuleDirectory;
  readonly builtin: boolean;
  readonly parent: DirectoryRow | undefined;
}

type Row =
  | DirectoryRow
  | AvailableItem
  | {
      readonly kind: 'relation';
      readonly label: string;
      readonly icon: string;
      readonly names: readonly string[];
    }
  | MessageRow;

interface Rows {
  readonly snapshot: AvailableSnapshot;
  readonly roots: readonly Row[];
  readonly modules: ReadonlyMap<string, AvailableItem>;
  readonly below: ReadonlyMap<DirectoryRow, readonly Row[]>;
}

/** The modules that can be loaded, by directory: of the target, else of a sysroot or of this machine. */
export class ModulesExplorer implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly tree: vscode.TreeView<Row>;
  private readonly subscriptions: vscode.Disposable[];
  private rows: Rows | undefined;
  /** The loaded modules that are shown as such; undefined: what is loaded there is not known. */
  private loadedNow: ReadonlySet<string> | undefined;

  constructor(
    private readonly available: AvailableModules,
    private readonly monitor: ModuleMonitor,
    manager: TargetManager,
  ) {
    this.tree = vscode.window.createTreeView('kmod.availableModules', {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: false,
    });
    let active: unknown;
    this.subscriptions = [
      this.tree,
      this.changed,
      available.onDidChange(() => this.update()),
      monitor.onDidChange(() => this.mark()),
      this.tree.onDidChangeVisibility(() => this.follow()),
      manager.onDidChange(() => {
        const state = manager.active === undefined ? undefined : manager.state(manager.active);
        const target = state?.kind === 'connected' ? state.target : undefined;
        if (target !== active) {
          active = target;
          this.follow();
        }
      }),
    ];
    this.follow();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Shows a module among the others of its directory. */
  async reveal(name: string): Promise<void> {
    const row = this.rows?.modules.get(name);
    if (row !== undefined) {
      await this.tree.reveal(row, { select: true, focus: true, expand: true });
    }
  }

  getParent(row: Row): Row | undefined {
    switch (row.kind) {
      case 'directory':
        return row.parent;
      case 'available':
        return row.directory;
      case 'relation':
      case 'message':
        return undefined;
    }
  }

  getChildren(row?: Row): Row[] {
    if (row === undefined) {
      return this.roots();
    }
    switch (row.kind) {
      case 'directory':
        return [...(this.rows?.below.get(row) ?? [])];
      case 'available':
        return this.relations(row.name);
      case 'relation':
        return row.names.map((name) => ({ kind: 'available', name, directory: undefined }));
      case 'message':
        return [];
    }
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.kind) {
      case 'directory':
        return this.directoryItem(row);
      case 'available':
        return this.moduleItem(row);
      case 'relation': {
        const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.Collapsed);
        item.description = row.names.map(plainText).join(', ');
        item.iconPath = new vscode.ThemeIcon(row.icon);
        item.accessibilityInformation = { label: `${row.label} ${plural(row.names.length, 'module')}` };
        item.contextValue = 'relation';
        return item;
      }
      case 'message':
        return messageItem(row);
    }
  }

  async resolveTreeItem(item: vscode.TreeItem, row: Row): Promise<vscode.TreeItem> {
    if (row.kind === 'available') {
      item.tooltip = await this.tooltip(row.name);
    }
    return item;
  }

  /** "loaded", "not loaded" or "built-in"; "installed" where it is not known what is loaded. */
  stateOf(name: string): string {
    if (this.loadedNow?.has(name) === true) {
      return 'loaded';
    }
    const isFile = this.available.snapshot?.tree.path(name) !== undefined;
    return !isFile ? 'built-in' : this.loadedNow === undefined ? 'installed' : 'not loaded';
  }

  private follow(): void {
    if (this.tree.visible || this.available.isRead) {
      void this.available.refresh();
    }
  }

  private update(): void {
    const { snapshot, error, isRead } = this.available;
    void vscode.commands.executeCommand('setContext', 'kmod.noModules', isRead && snapshot === undefined);
    if (this.rows?.snapshot.tree !== snapshot?.tree) {
      this.rows = undefined;
    }
    this.tree.description =
      snapshot === undefined ? '' : `${plainText(snapshot.label)} · ${plainText(snapshot.release)}`;
    this.tree.message = error === undefined ? '' : plainText(messageOf(error));
    this.loadedNow = this.readLoaded();
    this.changed.fire();
  }

  /** The list of loaded modules is read again and again; rows change only where it did. */
  private mark(): void {
    const [loaded, shown] = [this.readLoaded(), this.loadedNow];
    const same = loaded?.size === shown?.size && [...(loaded ?? [])].every((name) => shown?.has(name));
    if (!same) {
      this.loadedNow = loaded;
      this.changed.fire();
    }
  }

  private readLoaded(): ReadonlySet<string> | undefined {
    const place = this.available.snapshot?.place;
    const loaded = this.monitor.snapshot;
    return place?.kind === 'target' && loaded?.target === place.target
      ? new Set(loaded.modules.map(({ name }) => name))
      : undefined;
  }

  private roots(): Row[] {
    const { snapshot } = this.available;
    if (snapshot === undefined) {
      return [];
    }
    this.rows ??= rowsOf(snapshot);
    if (this.rows.roots.length === 0) {
      const text = `No modules in /lib/modules/${plainText(snapshot.release)}: depmod never ran there`;
      return [{ kind: 'message', text, icon: 'info' }];
    }
    return [...this.rows.roots];
  }

  private relations(name: string): Row[] {
    const tree = this.available.snapshot?.tree;
    try {
      return tree === undefined ? [] : relationsOf(tree, name);
    } catch (error) {
      return [failureRow(error)];
    }
  }

  private directoryItem(row: DirectoryRow): vscode.TreeItem {
    const { directory, builtin, parent } = row;
    const label = plainText(directory.label === '' ? '/' : directory.label);
    const item = new vscode.TreeItem(
      label,
      parent === undefined && !builtin
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `${builtin ? 'builtin' : 'directory'} ${directory.path}`;
    item.description = `(${directory.count})`;
    item.iconPath = builtin && parent === undefined ? new vscode.ThemeIcon('chip') : vscode.ThemeIcon.Folder;
    item.tooltip =
      builtin && parent === undefined
        ? 'Modules that are part of the kernel image: they are always there'
        : plainText(directory.path);
    item.accessibilityInformation = { label: `${label}, ${plural(directory.count, 'module')}` };
    item.contextValue = 'directory';
    return item;
  }

  private moduleItem({ name, directory }: AvailableItem): vscode.TreeItem {
    const state = this.stateOf(name);
    const tree = this.available.snapshot?.tree;
    const known = tree?.path(name) !== undefined || tree?.isBuiltin(name) === true;
    const item = new vscode.TreeItem(
      plainText(name),
      known ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
    );
    if (directory !== undefined) {
      item.id = `${directory.builtin ? 'builtin' : 'module'} ${name}`;
    }
    item.description = state === 'loaded' || state === 'built-in' ? state : '';
    item.iconPath = new vscode.ThemeIcon(
      'circuit-board',
      state === 'not loaded' ? new vscode.ThemeColor('disabledForeground') : undefined,
    );
    item.contextValue = `available ${state === 'not loaded' ? 'loadable' : state}`;
    item.accessibilityInformation = { label: `Module ${plainText(name)}, ${state}` };
    return item;
  }

  private async tooltip(name: string): Promise<vscode.MarkdownString> {
    const { snapshot } = this.available;
    if (snapshot === undefined) {
      return textTooltip([]);
    }
    const { tree, label, release } = snapshot;
    const told = await this.available.info(name).then(
      (info) =>
        ['description', 'license', 'version'].flatMap((key) => {
          const value = info && firstValue(info, key);
          return value === undefined ? [] : [`${key}: ${value}`];
        }),
      (error: unknown) => [`modinfo: ${messageOf(error)}`],
    );
    const aliases = tree.aliasesOf(name).length;
    const symbols = tree.symbolsOf(name).length;
    const lines = [
      `${name} of ${label} (${release}): ${this.stateOf(name)}`,
      ...told,
      ...(tree.path(name) === undefined ? [] : [tree.path(name) ?? '']),
      ...(aliases === 0 ? [] : [plural(aliases, 'alias').replace(/aliass$/, 'aliases')]),
      ...(symbols === 0 ? [] : [`exports ${plural(symbols, 'symbol')}`]),
      ...tree.deviceNodes(name).map(({ path, device }) => `loaded when /dev/${path} (${device}) is opened`),
    ];
    return textTooltip(lines);
  }
}

/** @throws BudgetError */
function relationsOf(tree: ModuleTree, name: string): Row[] {
  const soft = tree.softdeps(name);
  const relations = [
    { label: 'depends on', icon: 'arrow-right', names: tree.directDependencies(name) ?? [] },
    { label: 'softdep, before', icon: 'arrow-small-right', names: soft.flatMap(({ pre }) => pre) },
    { label: 'softdep, after', icon: 'arrow-small-right', names: soft.flatMap(({ post }) => post) },
    { label: 'weakdep', icon: 'arrow-small-right', names: tree.weakdeps(name) },
    { label: 'needed by', icon: 'arrow-left', names: tree.directDependants(name) },
  ];
  const rows = relations
    .filter(({ names }) => names.length > 0)
    .map((relation) => ({ kind: 'relation', ...relation }) as const);
  return rows.length > 0
    ? rows
    : [{ kind: 'message', text: 'It needs no module, and no module needs it', icon: 'info' }];
}

function rowsOf(snapshot: AvailableSnapshot): Rows {
  const modules = new Map<string, AvailableItem>();
  const below = new Map<DirectoryRow, readonly Row[]>();
  const rowOf = (directory: ModuleDirectory, builtin: boolean, parent?: DirectoryRow): DirectoryRow => {
    const row: DirectoryRow = { kind: 'directory', directory, builtin, parent };
    const rows = directory.directories.map((child) => rowOf(child, builtin, row));
    const items = directory.modules.map((name): AvailableItem => ({
      kind: 'available',
      name,
      directory: row,
    }));
    // A module of both kinds is the file's: modprobe finds that first.
    for (const item of items) if (!modules.has(item.name)) modules.set(item.name, item);
    below.set(row, [...rows, ...items]);
    return row;
  };
  const installed = directoriesOf(snapshot.tree).map((directory) => rowOf(directory, false));
  const builtin = builtinDirectoriesOf(snapshot.tree);
  const count = builtin.reduce((sum, directory) => sum + directory.count, 0);
  const all = { label: 'Built into the kernel', path: '', directories: builtin, modules: [], count };
  return {
    snapshot,
    roots: count === 0 ? installed : [...installed, rowOf(all, true)],
    modules,
    below,
  };
}
