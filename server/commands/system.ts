import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import type { ParseArgsConfig } from 'node:util';
import { readConfiguration, type Configuration } from '../../kmod/config/configuration';
import type { Complaint } from '../../kmod/config/configurationFiles';
import { NEWEST_KMOD, type KmodVersion } from '../../kmod/config/versions';
import { SystemConfigurationFiles } from '../catalog/configurationFiles';
import { Sysroot } from '../catalog/sysroot';
import { UsageError } from './arguments';

/** What a query prints, text by decodeText, and how it ends. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What every query takes, by modprobe's letters. */
export const SYSTEM_OPTIONS = {
  sysroot: { type: 'string' },
  'set-version': { type: 'string', short: 'S' },
  config: { type: 'string', short: 'C', multiple: true },
  'kmod-version': { type: 'string' },
} as const satisfies NonNullable<ParseArgsConfig['options']>;

interface SystemOptionValues {
  readonly sysroot?: string | undefined;
  readonly 'set-version'?: string | undefined;
  readonly config?: string[] | undefined;
  readonly 'kmod-version'?: string | undefined;
}

/** The system that a query is about: this one, or one below a directory. Paths are as seen from inside. */
export interface System {
  readonly sysroot: Sysroot;
  readonly kmod: KmodVersion;
  /** /lib/modules/RELEASE */
  readonly kernelDirectory: string;
  /** undefined: the usual directories. */
  readonly searchPaths: readonly string[] | undefined;
}

/** @throws UsageError */
export function systemOf(values: SystemOptionValues): System {
  const given = values['kmod-version'];
  let kmod = given === undefined ? undefined : kmodVersionOf(given);
  return {
    sysroot: new Sysroot(values.sysroot ?? ''),
    // Asking takes a process, and files are described without it.
    get kmod() {
      return (kmod ??= installedKmodVersion() ?? NEWEST_KMOD);
    },
    kernelDirectory: `/lib/modules/${values['set-version'] ?? release()}`,
    searchPaths: values.config,
  };
}

export function readSystemConfiguration(system: System): Promise<Configuration> {
  const { kmod, kernelDirectory, searchPaths } = system;
  return readConfiguration(new SystemConfigurationFiles(system.sysroot), {
    kmod,
    kernelDirectory,
    ...(searchPaths === undefined ? {} : { searchPaths }),
  });
}

/** What libkmod writes to stderr, as builds without debugging do. */
export function complaintText(complaints: readonly Complaint[]): string {
  return complaints.map(({ reporter, text }) => `libkmod: ${reporter}: ${text}\n`).join('');
}

/** @throws UsageError */
function kmodVersionOf(given: string): KmodVersion {
  const version = /^\d+/.exec(given)?.[0];
  if (version === undefined) throw new UsageError(`no version of kmod: ${given}`);
  return Number(version);
}

const MODPROBE = 'modprobe';

function installedKmodVersion(): KmodVersion | undefined {
  // Users who are not root may not have it in their PATH.
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const { stdout } = spawnSync(MODPROBE, ['--version'], { encoding: 'utf8', env });
  const version = /^kmod version (\d+)/.exec(stdout ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}
