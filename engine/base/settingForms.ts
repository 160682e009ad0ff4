import { posix, win32 } from 'node:path';
import { isKernelRelease } from '../../kmod/kernelRelease';

// The settings that become a part of a path, and what each must look like. Anybody may have written them: a workspace
// has settings of its own.

const FORMS = {
  sysroot: [isAbsolutePath, 'an absolute path'],
  kernelRelease: [isKernelRelease, 'the release of a kernel, such as 6.1.0-28-amd64'],
  'scratch.kernelRelease': [isKernelRelease, 'the release of a kernel, such as 6.1.0-28-amd64'],
  'build.kernelDirectory': [isAbsolutePath, 'an absolute path'],
  'build.arch': [(text: string) => /^[a-z0-9_]+$/i.test(text), 'a value of ARCH, such as arm64'],
  'build.crossCompile': [isOneLine, 'the prefix of a compiler, such as aarch64-linux-gnu-'],
} as const satisfies Readonly<Record<string, readonly [(text: string) => boolean, string]>>;

/** A setting of the section kmod that is checked. */
export type CheckedSetting = keyof typeof FORMS;

export const CHECKED_SETTINGS = Object.keys(FORMS) as readonly CheckedSetting[];

/** What a setting says; undefined: nothing, or nothing that can be meant. */
export function settingText(setting: CheckedSetting, value: unknown): string | undefined {
  return settingProblem(setting, value) === undefined ? trimmed(value) : undefined;
}

/** Why a setting is not used, for a person; undefined: it is. */
export function settingProblem(setting: CheckedSetting, value: unknown): string | undefined {
  const text = trimmed(value);
  const [accepts, form] = FORMS[setting];
  return text === undefined || accepts(text)
    ? undefined
    : `The setting kmod.${setting} is not used: ${JSON.stringify(text)} is not ${form}.`;
}

function trimmed(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function isAbsolutePath(text: string): boolean {
  return isOneLine(text) && (process.platform === 'win32' ? win32 : posix).isAbsolute(text);
}

function isOneLine(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

/** A setting that is a number in a range, both ends included; undefined: it is none. */
export function numberIn(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

/**
 * kmod.refreshInterval, in milliseconds: 0 where nothing is polled, else at least a second. A workspace sets it, and
 * what is read all the time leaves no time for anything else.
 */
export function pollInterval(seconds: unknown): number {
  const meant = numberIn(seconds, 0, 3600) ?? 5;
  return meant === 0 ? 0 : Math.max(1, meant) * 1000;
}
