import * as vscode from 'vscode';
import type { TargetStatuses } from '../kernel/targetStatuses';
import type { SerialConsoles } from '../targets/serial/serialConsoles';
import { SCRATCH } from '../targets/definition';
import type { TargetManager } from '../targets/targetManager';
import { describeConsole, describeFacts, describeStatus, presentState } from './presentState';
import { textTooltip } from './textTooltip';

/** What a row of the Targets view hands to a command. */
export interface TargetItem {
  readonly kind: 'target';
  readonly name: string;
}

/**
 * Makes the clicked row's target the active one. It has no argument: what a row's command is given goes with the row when
 * that is drawn anew, and a click in that moment would be an error.
 */
const SELECT_CLICKED = 'kmod.selectClickedTarget';

/** What only the active target's row stands for: its badge is drawn at the row's end, where nothing cuts it off. */
const ACTIVE_SCHEME = 'kmod-active-target';
const ACTIVE_BADGE: vscode.FileDecorationProvider = {
  provideFileDecoration: ({ scheme }) =>
    scheme === ACTIVE_SCHEME ? new vscode.FileDecoration('✓', 'The active target') : undefined,
};

/** Uptimes are shown in minutes. */
const MINUTE = 60_000;

/** The targets and their states, as TargetManager tells them. */
export class TargetsView implements vscode.TreeDataProvider<TargetItem>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TargetItem[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];
  /** The rows that were given last. */
  private items: readonly TargetItem[] = [];

  constructor(
    private readonly manager: TargetManager,
    private readonly statuses: TargetStatuses,
    private readonly consoles: SerialConsoles,
  ) {
    const view = vscode.window.createTreeView('kmod.targets', { treeDataProvider: this });
    const select = vscode.commands.registerCommand(SELECT_CLICKED, () => {
      const [clicked] = view.selection;
      if (clicked !== undefined) {
        manager.select(clicked.name);
      }
    });
    const clock = setInterval(() => {
      const connected = manager.definitions.some(({ name }) => manager.state(name).kind === 'connected');
      if (view.visible && connected) {
        this.update();
      }
    }, MINUTE);
    this.subscriptions = [
      manager.onDidChange(() => this.update()),
      statuses.onDidChange(() => this.update()),
      consoles.onDidChangeState(() => this.update()),
      { dispose: () => clearInterval(clock) },
      vscode.window.registerFileDecorationProvider(ACTIVE_BADGE),
      select,
      view,
      this.changed,
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  getChildren(item?: TargetItem): TargetItem[] {
    if (item !== undefined || !vscode.workspace.isTrusted) {
      return [];
    }
    this.items = this.manager.definitions.map(({ name }) => ({ kind: 'target', name }));
    return [...this.items];
  }

  /** The editor forgets the rows of a tree that it asks for anew: a command of one gets no row until it is back. */
  private update(): void {
    const { definitions } = this.manager;
    const same =
      definitions.length === this.items.length &&
      definitions.every(({ name }, index) => name === this.items[index]?.name);
    this.changed.fire(same ? [...this.items] : undefined);
  }

  getTreeItem({ name }: TargetItem): vscode.TreeItem {
    const definition = this.manager.definition(name);
    const active = this.manager.active === name;
    const item = new vscode.TreeItem(name);
    item.id = name;
    if (definition === undefined) {
      return item;
    }
    const state = this.manager.state(name);
    const status = this.statuses.of(name);
    const { icon, color, text, detail } = presentState(definition, state, status);
    const serial = this.consoles.of(name);
    if (active) {
      item.resourceUri = vscode.Uri.from({ scheme: ACTIVE_SCHEME, path: `/${name}` });
    }
    item.description = active ? `active · ${text}` : text;
    item.tooltip = textTooltip(
      [
        ...(active ? ['the active target'] : []),
        text,
        ...(detail === undefined ? [] : detail.split('\n')),
        ...(state.kind === 'connected' ? describeFacts(state.facts) : []),
        ...(status === undefined ? [] : describeStatus(status)),
        ...(serial === undefined || definition.kind === 'scratch' ? [] : [describeConsole(serial.state)]),
      ],
      name,
    );
    item.iconPath = new vscode.ThemeIcon(
      icon,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
    item.contextValue = `target ${definition.kind} ${contextOf(state.kind)}${serial === undefined ? '' : ' console'}${name === SCRATCH ? '' : ' own'}`;
    item.accessibilityInformation = { label: `${active ? 'Active target' : 'Target'} ${name}, ${text}` };
    item.command = { command: SELECT_CLICKED, title: 'Select' };
    return item;
  }
}

/** The words that `when` clauses look for. */
function contextOf(kind: ReturnType<TargetManager['state']>['kind']): string {
  switch (kind) {
    case 'connected':
    case 'connecting':
      return kind;
    case 'lost':
    case 'rebooting':
      return 'idle away';
    case 'disconnected':
    case 'failed':
      return 'idle';
  }
}
