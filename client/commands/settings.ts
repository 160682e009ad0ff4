import * as vscode from 'vscode';
import { readTargets, type TargetDefinition } from '../targets/definition';

const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('kmod');

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

export const targetSettings = (): { definitions: TargetDefinition[]; problems: string[] } =>
  readTargets(section().get('targets', []));

/** Adds a target to the settings of the user. */
export async function addTargetSetting(target: TargetDefinition): Promise<void> {
  const { kind, ...rest } = target;
  const entry = kind === 'ssh' ? rest : { ...rest, kind };
  const own = section().inspect<unknown[]>('targets')?.globalValue ?? [];
  await section().update('targets', [...own, entry], vscode.ConfigurationTarget.Global);
}

export interface BuildSettings {
  readonly kernelDirectory: string | undefined;
  readonly arch: string | undefined;
  readonly crossCompile: string | undefined;
  readonly llvm: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

export function buildSettings(scope?: vscode.Uri): BuildSettings {
  const build = vscode.workspace.getConfiguration('kmod.build', scope);
  return {
    kernelDirectory: text(build.get('kernelDirectory')),
    arch: text(build.get('arch')),
    crossCompile: text(build.get('crossCompile')),
    llvm: build.get('llvm', false),
    variables: build.get<Record<string, string>>('variables', {}),
  };
}

export function scratchSettings(): { memory: number; release: string | undefined } {
  const scratch = vscode.workspace.getConfiguration('kmod.scratch');
  return { memory: scratch.get('memory', 512), release: text(scratch.get('kernelRelease')) };
}

/** Milliseconds between two reads of the loaded modules; 0: no polling. */
export const refreshInterval = (): number => section().get('refreshInterval', 5) * 1000;

export const autoConnect = (): string | undefined => text(section().get('autoConnect'));

export const revealKernelLog = (): 'always' | 'onFailure' | 'never' =>
  section().get<'always' | 'onFailure' | 'never'>('kernelLog.reveal', 'always');

/** Whether a module is sent with the debug information that its build put in. */
export const keepDebug = (): boolean => !section().get('load.stripDebugInformation', true);
