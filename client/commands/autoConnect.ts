import * as vscode from 'vscode';
import type { Services } from './services';
import { autoConnect } from './settings';

/** Connects the target that the setting kmod.autoConnect names, once the workspace is trusted. */
export function connectAutomatically({ manager, log }: Services): void {
  const name = autoConnect();
  if (name === undefined || !vscode.workspace.isTrusted) {
    return;
  }
  if (manager.definition(name) === undefined) {
    log.warn(`kmod.autoConnect names ${name}, which is no target.`);
    return;
  }
  manager.select(name);
  // The views show how it ends.
  manager.connect(name).catch((error: unknown) => log.error(`kmod.autoConnect: ${String(error)}`));
}
