import { settingProblem, settingText } from '../engine/base/settingForms';
import type { KmodVersion } from '../kmod/config/versions';
import type { DirectoryChoice } from './catalog/moduleDirectory';
import { isRuleCode, type Severity } from './language/analysis/rules';
import { isSourceRuleCode } from './language/c/rules';
import type { DiagnosticSettings } from './language/settings';

/** Which modules are known. What can not be meant is as left out. */
export function readSettings(section: unknown): DirectoryChoice {
  const { sysroot, kernelRelease } = asObject(section);
  return {
    sysroot: settingText('sysroot', sysroot) ?? '',
    release: settingText('kernelRelease', kernelRelease) ?? '',
  };
}

/** What can not be meant, for a person. */
export function settingProblems(section: unknown): string[] {
  const { sysroot, kernelRelease } = asObject(section);
  const problems = [settingProblem('sysroot', sysroot), settingProblem('kernelRelease', kernelRelease)];
  return problems.filter((problem) => problem !== undefined);
}

/** `kmodVersion`, for example "30"; undefined: none is set, or no version that kmod will have. */
export function readKmodVersion(section: unknown): KmodVersion | undefined {
  const version = /^\d{1,4}(?!\d)/.exec(String(asObject(section)['kmodVersion']))?.[0];
  return version === undefined ? undefined : Number(version);
}

/** `diagnostics.severity`: code to severity; what is none is as left out. */
export function readSeverities(section: unknown): DiagnosticSettings['severity'] {
  const severity = asObject(asObject(asObject(section)['diagnostics'])['severity']);
  return Object.fromEntries(
    Object.entries(severity).filter(
      ([code, value]) => (isRuleCode(code) || isSourceRuleCode(code)) && isSeverity(value),
    ),
  );
}

/** `commands` of initializationOptions: the editor's own commands that a fix may run. */
export function readEditorCommands(options: unknown): string[] {
  const { commands } = asObject(options);
  return Array.isArray(commands) ? commands.filter((command) => typeof command === 'string') : [];
}

/** The section `kmod` of an editor's configuration, or initializationOptions. */
function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const SEVERITIES: readonly unknown[] = ['off', 'hint', 'information', 'warning', 'error'];

function isSeverity(value: unknown): value is Severity | 'off' {
  return SEVERITIES.includes(value);
}
