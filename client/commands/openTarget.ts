import type * as vscode from 'vscode';
import { atHome } from '../targets/atHome';
import type { Log } from '../targets/log';
import { SCRATCH, type TargetBuild } from '../targets/definition';
import { MACHINES } from '../targets/scratch/architecture';
import { chooseKernel } from '../targets/scratch/chooseKernel';
import type { SerialConsole } from '../targets/serial/serialConsole';
import type { OpenTarget, TargetManager } from '../targets/targetManager';
import type { LogChannel } from '../views/logChannel';
import { confirmLocalChange, editorPrompts } from './prompts';
import { scratchSettings } from './settings';
import { requireTrust } from './trust';

/** Opens targets with the editor's prompts, log and settings. ssh2 is read when the first one is opened. */
export function createTargetOpener(
  context: vscode.ExtensionContext,
  output: LogChannel,
  serialOf: (name: string) => SerialConsole | undefined,
): OpenTarget {
  const prompts = editorPrompts(context.secrets);
  const log: Log = (level, message) => output[level](message);
  return async (definition, { signal, step }) => {
    requireTrust();
    if (definition.kind === 'ssh') {
      const { openSshTarget } = await import('../targets/sshTarget');
      return openSshTarget(definition, { prompts, log, signal, step });
    }
    if (definition.kind === 'local') {
      const { openLocalTarget } = await import('../targets/localTarget');
      const { name } = definition;
      return openLocalTarget({ name, prompts, log, confirmChange: (what) => confirmLocalChange(name, what) });
    }
    const { openScratchTarget } = await import('../targets/scratchTarget');
    return openScratchTarget({
      ...scratchSettings(),
      ...definition,
      cacheDirectory: context.globalStorageUri.fsPath,
      serial: serialOf(definition.name),
      log,
      signal,
      step,
    });
  };
}

/** What modules are built for; what only a connection can tell is undefined. */
export interface BuildGoal {
  /** uname -r, uname -m */
  readonly release?: string;
  readonly machine?: string;
  /** Where the target's kernel was built, or its headers. */
  readonly kernelDirectory?: string | undefined;
  /** What the target's setting says. */
  readonly settings: TargetBuild;
}

/** The active target's; the scratch kernel's while there is none. */
export async function buildGoal(
  manager: TargetManager,
  cacheDirectory: string,
  log: LogChannel,
): Promise<BuildGoal> {
  const name = manager.active ?? SCRATCH;
  const definition = manager.definition(name);
  const state = manager.state(name);
  const kernelDirectory = atHome(definition?.build?.kernelDirectory);
  const settings = { ...definition?.build, ...(kernelDirectory === undefined ? {} : { kernelDirectory }) };
  const facts =
    state.kind === 'connected' ? { release: state.facts.release, machine: state.facts.machine } : undefined;
  if (definition?.kind !== 'scratch') {
    return { ...facts, settings };
  }
  const options = { cacheDirectory, step: (text: string) => log.info(text), signal: NEVER };
  const kernel = await chooseKernel({ ...scratchSettings(), ...definition }, options).catch(
    (error: unknown) => {
      // Without a kernel for the virtual machine, the running one's headers are what is left.
      log.warn(String(error));
      return undefined;
    },
  );
  return {
    ...(kernel === undefined
      ? {}
      : {
          release: kernel.release,
          machine: MACHINES[kernel.architecture].name,
          kernelDirectory: kernel.buildDirectory,
        }),
    ...facts,
    settings,
  };
}

const NEVER = new AbortController().signal;
