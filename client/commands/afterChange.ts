import * as vscode from 'vscode';
import { isBuildFailure } from './failure';
import type { Services } from './services';
import { revealKernelLog } from './settings';

/** How long the status bar shows a success, in milliseconds. */
const FLASH = 6000;

/**
 * Runs something that changes the modules of a target, and whatever came of it: reads the list of loaded
 * modules again and shows the kernel log as the setting says; but a failed build never got to the kernel.
 * Success flashes in the status bar.
 */
export async function afterChange(
  { monitor, kernelLogs }: Services,
  targetName: string,
  change: () => Promise<string>,
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
    throw error;
  } finally {
    await monitor.refresh();
  }
}
