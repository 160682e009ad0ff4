import { release } from 'node:os';
import { Sysroot } from '../../engine/files/sysroot';
import { readConfiguration, type Configuration } from '../../kmod/config/configuration';
import type { Complaint } from '../../kmod/config/configurationFiles';
import { NEWEST_KMOD, type KmodVersion } from '../../kmod/config/versions';
import { SystemConfigurationFiles } from '../catalog/configurationFiles';
import { installedKmodVersion } from '../installedKmod';
import { UsageError } from './arguments';
import { absolutePath } from './paths';

/** How a query ends; text by decodeText. */
export interface Outcome {
  readonly exitCode: number;
  readonly stderr: string;
}

/** The same with what it prints. */
export interface Answer extends Outcome {
  readonly stdout: string;
}

/** Takes bytes that are to be printed; they are overwritten when it is done. */
export type Print = (output: Uint8Array) => Promise<void>;

export interface SystemOptions {
  /** The directory that stands for /; left out: the local system. */
  readonly sysroot?: string | undefined;
  /** The kernel; left out: the running one. */
  readonly release?: string | undefined;
  /** The directory that lib/modules lies in, as seen from inside; left out: /. */
  readonly moduleRoot?: string | undefined;
  /** Left out: the usual directories. */
  readonly searchPaths?: readonly string[] | undefined;
  readonly kmod: KmodVersion;
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

export function systemOf(options: SystemOptions): System {
  const sysroot = new Sysroot(options.sysroot ?? '');
  const directory = `${options.moduleRoot ?? ''}/lib/modules/${options.release ?? release()}`;
  return {
    sysroot,
    kmod: options.kmod,
    kernelDirectory: absolutePath(sysroot.directory, directory),
    searchPaths: options.searchPaths,
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

/** The kmod that is asked for, for example "34.2"; else the installed one, else the newest. @throws UsageError */
export async function kmodVersionOf(given: string | undefined): Promise<KmodVersion> {
  if (given === undefined) return (await installedKmodVersion()) ?? NEWEST_KMOD;
  const version = /^(\d+)(\.\d+)*$/.exec(given)?.[1];
  if (version === undefined) throw new UsageError(`no version of kmod: ${given}`);
  return Number(version);
}
