import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { BuildError } from '../build/buildError';
import { CommandFailedError } from '../kernel/command';
import { LoadError } from '../kernel/loadModule';
import { UnloadError } from '../kernel/unloadModule';
import { ConnectError } from '../targets/errors';
import { messageOf } from '../views/messageOf';
import { CancelledError } from './cancellation';
import type { Services } from './services';
import { showTargetSettings } from './settings';
import { say } from '../views/say';

const isCancellation = (error: unknown): boolean =>
  error instanceof CancelledError ||
  error instanceof vscode.CancellationError ||
  (error instanceof Error && error.name === 'AbortError');

/** A build that failed, by itself or as the first step of a reload: what is wrong stands in Problems. */
export const isBuildFailure = (error: unknown): boolean =>
  error instanceof BuildError || (error instanceof Error && error.cause instanceof BuildError);

/** One notification for a failure: what failed, why, and what next. The details go to the log. */
export async function showFailure(services: Services, what: string, error: unknown): Promise<void> {
  if (isCancellation(error)) {
    return;
  }
  const message = messageOf(error);
  services.log.error(`${what}: ${message}`);
  for (const line of details(error)) {
    services.log.error(`  ${line}`);
  }
  const actions = actionsFor(services, error);
  const picked = await say.error(`${what}: ${message}`, ...actions.keys());
  await actions.get(picked ?? '')?.();
}

function details(error: unknown): string[] {
  if (error instanceof CommandFailedError) {
    return [`argv: ${JSON.stringify(error.argv)}`, `exit code: ${error.result.exitCode ?? 'none'}`];
  }
  if (error instanceof LoadError || error instanceof UnloadError) {
    return error.kernelLog.map((line) => `kernel: ${line}`);
  }
  return error instanceof Error && error.stack !== undefined && error.name === 'TypeError'
    ? error.stack.split('\n')
    : [];
}

/** The file that a person writes; a new one where there is none. */
async function openSshConfiguration(): Promise<void> {
  const file = vscode.Uri.file(join(homedir(), '.ssh', 'config'));
  await vscode.window.showTextDocument(existsSync(file.fsPath) ? file : file.with({ scheme: 'untitled' }));
}

function actionsFor(
  { log, kernelLogs, manager }: Services,
  error: unknown,
): ReadonlyMap<string, () => unknown> {
  if (isBuildFailure(error)) {
    return new Map([
      ['Show Problems', () => vscode.commands.executeCommand('workbench.actions.view.problems')],
      ['Show Terminal', () => vscode.commands.executeCommand('workbench.action.terminal.focus')],
    ]);
  }
  if (error instanceof ConnectError) {
    return new Map<string, () => unknown>([
      ...(error.message.includes('~/.ssh/config')
        ? [['Open SSH Configuration', openSshConfiguration] as const]
        : []),
      ['Show Log', () => log.show(true)],
      ['Open Settings', showTargetSettings],
    ]);
  }
  const target = manager.active;
  return (error instanceof LoadError || error instanceof UnloadError) && target !== undefined
    ? new Map([['Show Kernel Log', () => kernelLogs.show(target)]])
    : new Map([['Show Log', () => log.show(true)]]);
}
