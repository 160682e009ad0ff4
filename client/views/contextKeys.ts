import * as vscode from 'vscode';
import { SCRATCH } from '../targets/definition';
import type { TargetManager } from '../targets/targetManager';

/** Keeps the keys that `when` clauses read in step with the targets. */
export function setContextKeys(manager: TargetManager): vscode.Disposable {
  const told = new Map<string, unknown>();
  const tell = (key: string, value: unknown): void => {
    if (told.get(key) !== value) {
      told.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    }
  };
  const update = (): void => {
    const { active } = manager;
    const state = active === undefined ? undefined : manager.state(active);
    tell('kmod.connected', state?.kind === 'connected');
    tell('kmod.connecting', state?.kind === 'connecting');
    tell('kmod.activeKind', active === undefined ? undefined : manager.definition(active)?.kind);
    const scratch = manager.state(SCRATCH).kind;
    tell('kmod.scratchRunning', scratch === 'connected' || scratch === 'connecting');
  };
  update();
  return manager.onDidChange(update);
}
