import * as vscode from 'vscode';
import type { ModuleInfo } from '../../kmod/modinfo';
import type { Services } from './services';

/** What is read out of a module's file. @throws Error that names the file */
export async function readModule({ localModules }: Services, path: string): Promise<ModuleInfo> {
  try {
    return await localModules.get(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${vscode.workspace.asRelativePath(path)}: ${reason}`, { cause: error });
  }
}
