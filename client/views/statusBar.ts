import * as vscode from 'vscode';
import type { TargetManager } from '../targets/targetManager';
import { presentState } from './targetsView';

/** One item: the active target and its state; a click selects another. */
export function createStatusBar(manager: TargetManager): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('kmod.target', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Kernel Modules: Target';
  item.command = 'kmod.selectTarget';

  const update = (): void => {
    const definition = manager.active === undefined ? undefined : manager.definition(manager.active);
    if (definition === undefined || !vscode.workspace.isTrusted) {
      item.hide();
      return;
    }
    const state = manager.state(definition.name);
    const { text, detail } = presentState(definition, state);
    const icons = {
      disconnected: '$(circuit-board)',
      connecting: '$(sync~spin)',
      connected: '$(circuit-board)',
      failed: '$(error)',
      lost: '$(debug-disconnect)',
    };
    const words = {
      disconnected: ' (off)',
      connecting: ' …',
      connected: '',
      failed: ' (not reached)',
      lost: ' (lost)',
    };
    item.text = `${icons[state.kind]} ${definition.name}${words[state.kind]}`;
    item.tooltip = [`Kernel Modules: ${definition.name}`, text, detail]
      .filter((line) => line !== undefined)
      .join('\n');
    item.backgroundColor =
      state.kind === 'failed' || state.kind === 'lost'
        ? new vscode.ThemeColor('statusBarItem.warningBackground')
        : undefined;
    item.accessibilityInformation = { label: `Kernel target ${definition.name}, ${text}` };
    item.show();
  };
  update();
  return vscode.Disposable.from(manager.onDidChange(update), item);
}
