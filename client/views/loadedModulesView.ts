import * as vscode from 'vscode';
import { plainText } from '../../kmod/plainText';
import type { ParameterValue } from '../kernel/commands';
import type { ModuleMonitor } from '../kernel/moduleMonitor';
import type { LoadedModule } from '../kernel/procModules';
import type { TargetManager } from '../targets/targetManager';
import type { LocalModules } from '../kernel/localModules';
import { formatSize } from '../kernel/formatSize';
import { plural } from './format';
import { messageItem, type MessageRow } from './messageRow';
import { messageOf } from './messageOf';
import { textTooltip } from './textTooltip';
import type { WorkspaceModules } from './workspaceModules';

/** One object while its module is loaded: it is what the editor knows the row by. */
export interface ModuleItem {
  readonly kind: 'module';
  readonly module: LoadedModule;
  readonly own: boolean;
}

export type Row =
  | ModuleItem
  | { readonly kind: 'group'; readonly label: string; readonly rows: readonly ModuleItem[] }
  | { readonly kind: 'parameter'; readonly module: LoadedModule; readonly parameter: ParameterValue }
  | {
      readonly kind: 'relation';
      readonly label: string;
      readonly module: LoadedModule;
      readonly names: readonly string[];
    }
  | MessageRow;

/** The modules that the active target's kernel has loaded; the user's own stand first. */
export class LoadedModulesView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly tree: vscode.TreeView<Row>;
  private readonly subscriptions: vscode.Disposable[];
  private filterText = '';
  /** The rows of the groups, as they were given last. */
  private shown: readonly ModuleItem[] = [];

  constructor(
    private readonly monitor: ModuleMonitor,
    private readonly manager: TargetManager,
    private readonly workspaceModules: WorkspaceModules,
    private readonly localModules: LocalModules,
    interval: () => number,
  ) {
    this.tree = vscode.window.createTreeView('kmod.loadedModules', {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
    const watch = (): void => {
      monitor.poll(this.tree.visible ? interval() : 0);
      if (this.tree.visible) {
        void workspaceModules.search().then(() => monitor.refresh());
      }
    };
    this.subscriptions = [
      this.tree,
      this.changed,
      monitor.onDidChange(() => this.update()),
      workspaceModules.onDidChange(() => this.update()),
      localModules.onDidChange(() => this.update()),
      this.tree.onDidChangeVisibility(watch),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('kmod.refreshInterval')) {
          watch();
        }
      }),
    ];
    watch();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  get filter(): string {
    return this.filterText;
  }

  set filter(text: string) {
    this.filterText = text.trim();
    void vscode.commands.executeCommand('setContext', 'kmod.filtered', this.filterText !== '');
    this.update();
  }

  getChildren(row?: Row): Row[] | Promise<Row[]> {
    if (row === undefined) {
      return this.roots();
    }
    switch (row.kind) {
      case 'group':
        return [...row.rows];
      case 'module':
        return this.details(row.module);
      case 'relation':
        return row.names.flatMap((name) => this.find(name) ?? []);
      case 'parameter':
      case 'message':
        return [];
    }
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.kind) {
      case 'group': {
        const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.Expanded);
        item.description = `(${row.rows.length})`;
        item.accessibilityInformation = { label: `${row.label}, ${plural(row.rows.length, 'module')}` };
        item.contextValue = 'group';
        return item;
      }
      case 'module':
        return this.moduleItem(row);
      case 'parameter':
        return this.parameterItem(row.module, row.parameter);
      case 'relation': {
        const item = new vscode.TreeItem(
          row.label,
          row.names.length === 0
            ? vscode.TreeItemCollapsibleState.None
            : vscode.TreeItemCollapsibleState.Collapsed,
        );
        item.description = row.names.length === 0 ? '—' : row.names.join(', ');
        item.accessibilityInformation = { label: `${row.label} ${row.names.join(', ') || 'no module'}` };
        item.iconPath = new vscode.ThemeIcon(row.label === 'used by' ? 'arrow-left' : 'arrow-right');
        item.contextValue = 'relation';
        return item;
      }
      case 'message':
        return messageItem(row);
    }
  }

  async resolveTreeItem(item: vscode.TreeItem, row: Row): Promise<vscode.TreeItem> {
    if (row.kind === 'module') {
      item.tooltip = await this.tooltip(row);
    }
    return item;
  }

  private moduleRows(): ModuleItem[] {
    return (this.monitor.snapshot?.modules ?? [])
      .filter(({ name }) => name.includes(this.filterText.replaceAll('-', '_')))
      .map((module) => this.row(module))
      .sort((a, b) => (a.module.name < b.module.name ? -1 : 1));
  }

  private roots(): Row[] {
    const rows = this.moduleRows();
    this.shown = rows;
    if (this.monitor.snapshot === undefined) {
      return this.reading();
    }
    const own = rows.filter((row) => row.own);
    const others = rows.filter((row) => !row.own);
    if (rows.length === 0) {
      const text =
        this.filterText === '' ? 'No module is loaded' : `No loaded module matches “${this.filterText}”`;
      return [{ kind: 'message', text, icon: 'info' }];
    }
    return [
      ...(own.length === 0 ? [] : [{ kind: 'group', label: 'Workspace', rows: own } as const]),
      ...(others.length === 0 ? [] : [{ kind: 'group', label: 'Target', rows: others } as const]),
    ];
  }

  /** What stands there until a target that was selected has told its modules. */
  private reading(): Row[] {
    const { active } = this.manager;
    const connected = active !== undefined && this.manager.state(active).kind === 'connected';
    return connected && this.monitor.error === undefined
      ? [{ kind: 'message', text: `Reading the modules of ${active}…`, icon: 'loading~spin' }]
      : [];
  }

  private row(module: LoadedModule): ModuleItem {
    return { kind: 'module', module, own: this.workspaceModules.file(module.name) !== undefined };
  }

  private find(name: string): ModuleItem | undefined {
    const module = this.monitor.snapshot?.modules.find((other) => other.name === name);
    return module === undefined ? undefined : this.row(module);
  }

  private async details(module: LoadedModule): Promise<Row[]> {
    let parameters: Row[];
    try {
      const values = await this.monitor.parameters(module.name);
      parameters = values.map((parameter) => ({ kind: 'parameter', module, parameter }));
    } catch (error) {
      const text = `parameters: ${messageOf(error)}`;
      parameters = [{ kind: 'message', text, icon: 'warning' }];
    }
    const needs = (this.monitor.snapshot?.modules ?? [])
      .filter(({ usedBy }) => usedBy.includes(module.name))
      .map(({ name }) => name);
    return [
      ...parameters,
      { kind: 'relation', label: 'depends on', module, names: needs },
      { kind: 'relation', label: 'used by', module, names: module.usedBy },
    ];
  }

  private isStale({ module, own }: ModuleItem): boolean {
    const file = own ? this.workspaceModules.file(module.name) : undefined;
    const loaded = this.monitor.snapshot?.buildIds.get(module.name);
    const built = file === undefined ? undefined : this.localModules.peek(file.fsPath)?.buildId;
    return loaded !== undefined && built !== undefined && loaded !== built;
  }

  private moduleItem(row: ModuleItem): vscode.TreeItem {
    const { module, own } = row;
    const item = new vscode.TreeItem(module.name, vscode.TreeItemCollapsibleState.Collapsed);
    const stale = this.isStale(row);
    const use =
      module.usedBy.length > 0
        ? [`used by ${module.usedBy.join(', ')}`]
        : module.references === undefined
          ? []
          : [plural(module.references, 'ref')];
    const state = module.state === 'live' ? [] : [module.state];
    item.description = [...state, formatSize(module.size), ...use, ...(stale ? ['stale'] : [])].join(' · ');
    item.iconPath = this.icon(module, stale);
    item.contextValue = ['module', own ? 'own' : 'foreign', module.state, ...(stale ? ['stale'] : [])].join(
      ' ',
    );
    item.accessibilityInformation = { label: `Module ${module.name}, ${item.description}` };
    return item;
  }

  private icon(module: LoadedModule, stale: boolean): vscode.ThemeIcon {
    switch (module.state) {
      case 'loading':
        return new vscode.ThemeIcon('watch');
      case 'unloading':
        return new vscode.ThemeIcon('circle-slash');
      case 'live':
        return stale
          ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
          : new vscode.ThemeIcon('circuit-board');
    }
  }

  private parameterItem(module: LoadedModule, parameter: ParameterValue): vscode.TreeItem {
    const file = this.workspaceModules.file(module.name);
    const declared =
      file === undefined
        ? undefined
        : this.localModules.peek(file.fsPath)?.parameters.find(({ name }) => name === parameter.name);
    const item = new vscode.TreeItem(parameter.name);
    const mode = parameter.mode.toString(8).padStart(4, '0');
    const about = [declared?.type, mode].filter((part) => part !== undefined).join(', ');
    const value = parameter.value === undefined ? 'not readable' : `= ${plainText(parameter.value)}`;
    item.description = `${value}   ${about}`;
    item.iconPath = new vscode.ThemeIcon('symbol-parameter');
    item.tooltip = [`${module.name}.${parameter.name} ${value}`, declared?.description, about]
      .filter((line) => line !== undefined)
      .join('\n');
    item.contextValue = 'parameter';
    return item;
  }

  private async tooltip(row: ModuleItem): Promise<vscode.MarkdownString> {
    const { module } = row;
    const file = this.workspaceModules.file(module.name);
    const info = file === undefined ? undefined : await this.localModules.get(file.fsPath);
    const state = this.manager.active === undefined ? undefined : this.manager.state(this.manager.active);
    const release = state?.kind === 'connected' ? ` (${state.facts.release})` : '';
    const lines = [
      `state: ${module.state}`,
      `size: ${module.size} bytes`,
      `references: ${module.references ?? 'not counted by this kernel'}`,
      ...(module.permanent ? ['permanent: it has no exit function and can not be unloaded'] : []),
      ...(module.taints === '' ? [] : [`taints the kernel: ${module.taints}`]),
      ...(info?.entries ?? [])
        .filter(({ key }) => ['description', 'license', 'version', 'author'].includes(key))
        .map(({ key, value }) => `${key}: ${value}`),
      ...(file === undefined ? [] : [`built here: ${file.fsPath}`]),
      ...(this.isStale(row) ? ['stale: the loaded module is not the one that was built last'] : []),
    ];
    return textTooltip(lines, `${module.name} on ${this.manager.active ?? 'the target'}${release}`);
  }

  private update(): void {
    const { snapshot, error } = this.monitor;
    const own = (snapshot?.modules ?? []).map((module) => this.row(module)).filter((row) => row.own);
    for (const row of own) {
      const file = this.workspaceModules.file(row.module.name);
      if (file !== undefined) {
        this.localModules.want(file.fsPath);
      }
    }
    const stale = own.filter((row) => this.isStale(row)).length;
    this.tree.badge =
      stale === 0
        ? undefined
        : { value: stale, tooltip: `${plural(stale, 'module')} built here since it was loaded` };
    this.tree.description = snapshot?.target.name ?? '';
    this.tree.message =
      error !== undefined
        ? messageOf(error)
        : snapshot !== undefined && this.filterText !== ''
          ? `Filter: ${this.filterText}`
          : '';
    this.changed.fire(this.follow() ? [...this.shown] : undefined);
  }

  /** Whether the same rows go on, with what is known now: the editor forgets those that it asks for anew. */
  private follow(): boolean {
    const rows = this.moduleRows();
    const same =
      rows.length > 0 &&
      rows.length === this.shown.length &&
      rows.every((row, index) => {
        const { module, own } = this.shown[index] ?? {};
        return row.module.name === module?.name && row.own === own;
      });
    if (same) {
      this.shown.forEach((row, index) => Object.assign(row, rows[index]));
    }
    return same;
  }
}
