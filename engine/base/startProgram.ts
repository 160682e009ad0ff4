import { execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { programPath, safeEnvironment } from './programs';

// The only file that starts programs: nothing else may import child_process (eslint.config.mjs).

export type { ChildProcess, ChildProcessByStdio, ChildProcessWithoutNullStreams } from 'node:child_process';

interface Surroundings {
  readonly cwd?: string | URL | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/**
 * Where a program runs: in / unless told, as the editor may have been started in a workspace, and a program reads
 * more from its working directory than one thinks of.
 */
const around = <Options extends Surroundings>(options?: Options) => ({
  ...options,
  cwd: options?.cwd ?? '/',
  env: safeEnvironment(options?.env),
});

/**
 * As spawn of node:child_process, by a name that findProgram knows or an absolute path. 'error' with the code ENOENT:
 * there is no such program.
 */
export const startProgram = ((program: string, args: readonly string[], options?: Surroundings) =>
  spawn(programPath(program), args, around(options))) as typeof spawn;

const execute = promisify(execFile);

/** The same to its end. @throws as execFile of node:child_process, with stdout and stderr */
export const runProgram = ((program: string, args: readonly string[], options?: Surroundings) =>
  execute(programPath(program), args, around(options))) as typeof execute;

/** The same without going on meanwhile: for scripts. */
export const runProgramSync = ((program: string, args: readonly string[], options?: Surroundings) =>
  spawnSync(programPath(program), args, around(options))) as typeof spawnSync;
