import { relative } from 'node:path';
import type { Readable } from 'node:stream';
import { LineReader } from '../../engine/base/lineReader';
import { startProgram, type ChildProcessByStdio } from '../../engine/base/startProgram';
import { LONGEST_LINE, withoutEnd } from '../../kmod/text';
import { BuildError } from './buildError';
import { BuildOutput, type BuildProblem } from './buildOutput';
import { readKbuildFile } from './kbuildProject';
import { makeCommand, type BuildRequest } from './makeCommand';

interface RunBuildOptions {
  readonly signal: AbortSignal;
  /** Each line of output, with absolute paths in front of errors and warnings. */
  readonly onLine: (line: string) => void;
}

/** Milliseconds that make and the compilers get to end by themselves. */
const GRACE = 2000;

/**
 * Runs make. Resolves with the warnings; the output is in English, whatever the login's language.
 * @throws BuildError, or the signal's reason when it ended the build
 */
export async function runBuild(request: BuildRequest, options: RunBuildOptions): Promise<BuildProblem[]> {
  const { signal, onLine } = options;
  const { directory, kernelDirectory, target } = request;
  const [program = 'make', ...args] = makeCommand(request);
  const kbuild = await readKbuildFile(directory);
  if (kbuild === undefined) {
    throw new BuildError(
      `${directory} has no Kbuild file or Makefile that says obj-m: there is no module to build.`,
    );
  }
  signal.throwIfAborted();
  const output = new BuildOutput({ directory, kernelDirectory, kbuild });
  // A process group of its own, so that an abort reaches the compilers too.
  const child = startProgram(program, args, {
    cwd: directory,
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new LineReader(LONGEST_LINE, (line) => onLine(output.line(withoutEnd(line, '\r')).text));
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => lines.push(text))
      .on('end', () => lines.end());
  }
  const code = await ended(child, signal);
  signal.throwIfAborted();
  if (code !== 0) {
    throw new BuildError(describe(directory, target, output.problems, code), output.problems);
  }
  return output.problems;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function ended(child: Child, signal: AbortSignal): Promise<number | null> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      killGroup(child, 'SIGTERM');
      timer = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE);
    };
    signal.addEventListener('abort', abort, { once: true });
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      settled();
      const message =
        error.code === 'ENOENT'
          ? 'make is not installed. Install: sudo apt install make gcc'
          : `make could not be started: ${error.message}`;
      reject(new BuildError(message, [], { cause: error }));
    });
    child.once('close', (code) => {
      settled();
      resolve(code);
    });
  });
}

function killGroup(child: Child, name: NodeJS.Signals): void {
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      // It ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
        throw error;
      }
    }
  }
}

function describe(
  directory: string,
  target: string,
  problems: readonly BuildProblem[],
  code: number | null,
): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const first = errors.find(({ file }) => file !== undefined) ?? errors[0];
  if (first === undefined) {
    return `make ${target} of ${directory} failed with exit code ${code}; its output says why.`;
  }
  const place = first.file === undefined ? '' : `${within(directory, first.file)}:${first.line ?? 1}: `;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `make ${target} of ${directory} failed: ${place}${first.message}${more}`;
}

/** The directory stands in front of it already. */
function within(directory: string, file: string): string {
  const path = relative(directory, file);
  return path.startsWith('..') ? file : path;
}
