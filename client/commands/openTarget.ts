import type * as vscode from 'vscode';
import type { Log } from '../targets/log';
import { SCRATCH } from '../targets/definition';
import { findKernel } from '../targets/scratch/findKernel';
import type { OpenTarget, TargetManager } from '../targets/targetManager';
import { editorPrompts } from './prompts';
import { scratchSettings } from './settings';

/** Opens targets with the editor's prompts, log and settings. ssh2 is read when the first one is opened. */
export function createTargetOpener(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
): OpenTarget {
  const prompts = editorPrompts(context.secrets);
  const log: Log = (level, message) => output[level](message);
  return async (definition, { signal, step }) => {
    if (definition.kind === 'ssh') {
      const { openSshTarget } = await import('../targets/sshTarget');
      return openSshTarget(definition, { prompts, log, signal, step });
    }
    const { openScratchTarget } = await import('../targets/scratchTarget');
    return openScratchTarget({
      name: definition.name,
      ...scratchSettings(),
      cacheDirectory: context.globalStorageUri.fsPath,
      log,
      signal,
      step,
    });
  };
}

/**
 * The kernel release that modules are built for: the connected target's; the scratch kernel's while no other
 * target is active; undefined where only a connection can tell.
 */
export async function buildRelease(manager: TargetManager): Promise<string | undefined> {
  const { active } = manager;
  const state = active === undefined ? undefined : manager.state(active);
  if (state?.kind === 'connected') {
    return state.facts.release;
  }
  if (active !== undefined && active !== SCRATCH) {
    return undefined;
  }
  return findKernel(scratchSettings().release).then(
    ({ release }) => release,
    // Without a kernel for the virtual machine, the running one's headers are what is left.
    () => undefined,
  );
}
