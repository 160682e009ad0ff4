import * as vscode from 'vscode';
import type { LogChannel } from '../views/logChannel';
import { say } from '../views/say';
import { settingProblems, type SettingProblem } from './settings';

const OPEN = 'Open Settings';

/** Tells a person of each setting that is not used, once, and again when it was changed to another such value. */
export class SettingProblems implements vscode.Disposable {
  private readonly told = new Set<string>();
  private readonly subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('kmod')) {
      this.tell();
    }
  });

  constructor(private readonly log: LogChannel) {
    this.tell();
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private tell(): void {
    for (const problem of settingProblems().filter(({ message }) => !this.told.has(message))) {
      this.told.add(problem.message);
      this.log.warn(problem.message);
      void offerSettings(problem);
    }
  }
}

async function offerSettings({ setting, message }: SettingProblem): Promise<void> {
  if ((await say.warning(message, OPEN)) === OPEN) {
    await vscode.commands.executeCommand('workbench.action.openSettings', setting);
  }
}
