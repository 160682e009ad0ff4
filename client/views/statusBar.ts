import * as vscode from 'vscode';
import type { TargetStatuses } from '../kernel/targetStatuses';
import type { TargetManager } from '../targets/targetManager';
import { presentState } from './presentState';

/** One item: the active target and its state; a click selects another. */
export function createStatusBar(manager: TargetManager, statuses: TargetStatuses): vscode.Disposable {
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
    const { icon, text, detail, short, warns } = presentState(
      definition,
      state,
      statuses.of(definition.name),
    );
    const calm = state.kind === 'disconnected' || (state.kind === 'connected' && short === '');
    item.text = `$(${calm ? 'circuit-board' : icon}) ${definition.name}${
      short === '…' ? ' …' : short === '' ? '' : ` (${short})`
    }`;
    item.tooltip = [`Kernel Modules: ${definition.name}`, text, detail]
      .filter((line) => line !== undefined)
      .join('\n');
    item.backgroundColor = warns ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.accessibilityInformation = { label: `Kernel target ${definition.name}, ${text}` };
    item.show();
  };
  update();
  return vscode.Disposable.from(manager.onDidChange(update), statuses.onDidChange(update), item);
}
