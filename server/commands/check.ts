import type { DirectoryChoice } from '../catalog/moduleDirectory';
import type { DiagnosticSettings } from '../language/settings';
import { Checker } from './checker';
import { forEachFile } from './configPaths';
import { writeOutput } from './output';
import { reportOf, type Report } from './report';

export interface CheckOptions {
  readonly directory: DirectoryChoice;
  readonly settings: DiagnosticSettings;
  readonly format: (reports: readonly Report[]) => string;
}

/**
 * Prints the diagnostics of files, and of those below directories that kmod or systemd reads, or that a module's
 * Kbuild file names.
 * @returns the exit code: 1 when there is an error, or a path that cannot be read
 */
export async function check(
  paths: readonly string[],
  { directory, settings, format }: CheckOptions,
): Promise<number> {
  const checker = await Checker.open(directory, settings);
  const reports: Report[] = [];
  const readable = await forEachFile(
    paths,
    async (file, document) => {
      for (const diagnostic of await checker.check(document)) reports.push(reportOf(file, diagnostic));
    },
    { takes: (path) => path.endsWith('.c'), sysroot: directory.sysroot },
  );
  await writeOutput(format(reports));
  return !readable || reports.some(({ severity }) => severity === 'error') ? 1 : 0;
}
