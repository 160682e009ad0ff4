import * as vscode from 'vscode';
import {
  CHECKED_SETTINGS,
  numberIn,
  pollInterval,
  settingProblem,
  settingText,
} from '../../engine/base/settingForms';
import { readTargets, type TargetDefinition } from '../targets/definition';

const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('kmod');

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

/** A setting that is not used, and why, for a person. */
export interface SettingProblem {
  readonly setting: string;
  readonly message: string;
}

/** The settings that lead to files, programs or hosts, and can not be meant. */
export function settingProblems(): SettingProblem[] {
  const checked = CHECKED_SETTINGS.map((setting) => ({
    setting: `kmod.${setting}`,
    message: settingProblem(setting, section().get(setting)),
  }));
  const targets = targetSettings().problems.map((message) => ({ setting: 'kmod.targets', message }));
  return [...checked, ...targets].flatMap(({ setting, message }) =>
    message === undefined ? [] : [{ setting, message }],
  );
}

export const targetSettings = (): { definitions: TargetDefinition[]; problems: string[] } =>
  readTargets(section().get('targets', []));

/** The list of targets that holds: a workspace's goes before the user's. */
function targetList(): { inWorkspace: boolean; entries: readonly unknown[] } {
  const { workspaceValue, globalValue = [] } = section().inspect<unknown[]>('targets') ?? {};
  return { inWorkspace: workspaceValue !== undefined, entries: workspaceValue ?? globalValue };
}

async function writeTargets(entries: readonly unknown[]): Promise<void> {
  await section().update('targets', entries, !targetList().inWorkspace);
}

/** Adds a target to the settings of the user, or to the workspace's where these list targets. */
export async function addTargetSetting(target: TargetDefinition): Promise<void> {
  const { kind, ...rest } = target;
  await writeTargets([...targetList().entries, kind === 'ssh' ? rest : { ...rest, kind }]);
}

export async function removeTargetSetting(name: string): Promise<void> {
  await writeTargets(
    targetList().entries.filter((entry) => readTargets([entry]).definitions[0]?.name !== name),
  );
}

/** Opens the settings at the list of targets, in whichever file it is. */
export const showTargetSettings = (): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.action.openSettings', 'kmod.targets');

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
    kernelDirectory: settingText('build.kernelDirectory', build.get('kernelDirectory')),
    arch: settingText('build.arch', build.get('arch')),
    crossCompile: settingText('build.crossCompile', build.get('crossCompile')),
    llvm: build.get('llvm', false),
    variables: build.get<Record<string, string>>('variables', {}),
  };
}

export function scratchSettings(): { memory: number; release: string | undefined } {
  const scratch = vscode.workspace.getConfiguration('kmod.scratch');
  return {
    memory: numberIn(scratch.get('memory'), 256, 65_536) ?? 512,
    release: settingText('scratch.kernelRelease', scratch.get('kernelRelease')),
  };
}

/** Milliseconds between two reads of the loaded modules; 0: no polling. */
export const refreshInterval = (): number => pollInterval(section().get('refreshInterval'));

export const autoConnect = (): string | undefined => text(section().get('autoConnect'));

export const revealKernelLog = (): 'always' | 'onFailure' | 'never' =>
  section().get<'always' | 'onFailure' | 'never'>('kernelLog.reveal', 'always');

/** Whether a module is sent with the debug information that its build put in. */
export const keepDebug = (): boolean => !section().get('load.stripDebugInformation', true);
