import * as vscode from 'vscode';
import { TargetLostError } from '../targets/errors';
import { isBuildFailure } from './failure';
import type { Services } from './services';
import { revealKernelLog } from './settings';

/** How long the status bar shows a success, in milliseconds. */
const FLASH = 6000;

/**
 * Runs something that changes the modules of a target, and whatever came of it: reads the list of loaded
 * modules again and shows the kernel log as the setting says; but a failed build never got to the kernel.
 * Success flashes in the status bar. What a lost connection cut off is asked of the kernel when the target is back.
 * @param module what is loaded or unloaded
 */
export async function afterChange(
  { manager, monitor, kernelLogs, pending, statuses }: Services,
  targetName: string,
  change: () => Promise<string>,
  module?: string,
): Promise<void> {
  const reveal = revealKernelLog();
  try {
    const message = await change();
    vscode.window.setStatusBarMessage(`$(check) ${message}`, FLASH);
    if (reveal === 'always') {
      kernelLogs.show(targetName);
    }
  } catch (error) {
    if (reveal !== 'never' && !isBuildFailure(error)) {
      kernelLogs.show(targetName);
    }
    const { kind } = manager.state(targetName);
    if (
      error instanceof TargetLostError &&
      module !== undefined &&
      (kind === 'lost' || kind === 'rebooting')
    ) {
      if (manager.definition(targetName)?.kind === 'ssh') {
        pending.add(targetName, module);
        throw new Error(
          `${error.message}. Whether ${module} is loaded now is not known; the kernel is asked when ${targetName} is back.`,
          { cause: error },
        );
      }
    }
    throw error;
  } finally {
    await monitor.refreshChanged();
    const state = manager.state(targetName);
    if (state.kind === 'connected') {
      void statuses.refresh(state.target);
    }
  }
}
