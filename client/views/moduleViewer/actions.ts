import * as vscode from 'vscode';
import type { Action } from './page';

const COMMANDS: Readonly<Partial<Record<Action, string>>> = {
  copy: 'kmod.copyModuleText',
  text: 'kmod.showModinfoText',
  devices: 'kmod.showClaimedDevices',
  compare: 'kmod.compareModules',
  connect: 'kmod.connect',
};

/** Runs the command of a page's button. @param subject what it is done to */
export async function runAction(action: Action, subject?: unknown): Promise<void> {
  const command = COMMANDS[action];
  if (command !== undefined) {
    await vscode.commands.executeCommand(command, subject);
  }
}
