import * as vscode from 'vscode';
import { SCRATCH } from '../targets/definition';
import type { TargetManager } from '../targets/targetManager';
import { findBuildDirectories, type WorkspaceModules } from './workspaceModules';

/** Keeps the keys that `when` clauses read in step with the targets. */
export function setContextKeys(
  manager: TargetManager,
  workspaceModules: WorkspaceModules,
): vscode.Disposable {
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
    tell('kmod.away', state?.kind === 'lost' || state?.kind === 'rebooting');
    tell('kmod.activeKind', active === undefined ? undefined : manager.definition(active)?.kind);
    const scratch = manager.state(SCRATCH).kind;
    tell('kmod.scratchRunning', scratch === 'connected' || scratch === 'connecting');
  };
  const updateDirectories = async (): Promise<void> => {
    const directories = await findBuildDirectories();
    await vscode.commands.executeCommand(
      'setContext',
      'kmod.buildDirectories',
      directories.map(({ fsPath }) => fsPath),
    );
  };
  update();
  return vscode.Disposable.from(
    manager.onDidChange(update),
    workspaceModules.onDidChange(() => void updateDirectories()),
  );
}
