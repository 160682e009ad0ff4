import * as vscode from 'vscode';
import type { TargetDefinition } from '../targets/definition';
import type { TargetManager, TargetState } from '../targets/targetManager';

/** What a row of the Targets view hands to a command. */
export interface TargetItem {
  readonly kind: 'target';
  readonly name: string;
}

/** The words and the icon of a state: the Targets view, the status bar and the quick pick say the same. */
export function presentState(
  definition: TargetDefinition,
  state: TargetState,
): { icon: string; text: string; detail: string | undefined } {
  const where =
    definition.kind === 'scratch'
      ? 'throw-away kernel in QEMU'
      : `${definition.user === undefined ? '' : `${definition.user}@`}${definition.host}${
          definition.port === undefined ? '' : `:${definition.port}`
        }`;
  switch (state.kind) {
    case 'disconnected':
      return {
        icon: 'circle-outline',
        text: `${definition.kind === 'scratch' ? 'not started' : 'not connected'} · ${where}`,
        detail: undefined,
      };
    case 'connecting':
      return { icon: 'sync~spin', text: state.step, detail: undefined };
    case 'connected':
      return { icon: 'circle-filled', text: state.facts.release, detail: where };
    case 'failed':
      return { icon: 'error', text: `not reached · ${where}`, detail: state.error.message };
    case 'lost':
      return { icon: 'debug-disconnect', text: `connection lost · ${where}`, detail: state.error.message };
  }
}

/** The targets and their states, as TargetManager tells them. */
export class TargetsView implements vscode.TreeDataProvider<TargetItem>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly manager: TargetManager) {
    this.subscriptions = [
      manager.onDidChange(() => this.changed.fire()),
      vscode.window.createTreeView('kmod.targets', { treeDataProvider: this }),
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
    return this.manager.definitions.map(({ name }) => ({ kind: 'target', name }));
  }

  getTreeItem({ name }: TargetItem): vscode.TreeItem {
    const definition = this.manager.definition(name);
    const item = new vscode.TreeItem(name);
    item.id = name;
    if (definition === undefined) {
      return item;
    }
    const state = this.manager.state(name);
    const { icon, text, detail } = presentState(definition, state);
    const active = this.manager.active === name;
    item.description = active ? `${text} · active` : text;
    item.tooltip = [`${name}: ${text}`, detail].filter((line) => line !== undefined).join('\n');
    item.iconPath = new vscode.ThemeIcon(
      icon,
      state.kind === 'connected' ? new vscode.ThemeColor('testing.iconPassed') : undefined,
    );
    const idle = state.kind === 'connected' || state.kind === 'connecting' ? state.kind : 'idle';
    item.contextValue = `target ${definition.kind} ${idle}`;
    item.accessibilityInformation = { label: `Target ${name}, ${text}${active ? ', active' : ''}` };
    if (!active) {
      item.command = { command: 'kmod.selectTarget', title: 'Select', arguments: [{ kind: 'target', name }] };
    }
    return item;
  }
}
