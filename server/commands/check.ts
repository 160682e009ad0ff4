import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticSeverity, type Range } from 'vscode-languageserver-types';
import type { Catalog } from '../catalog/catalog';
import { languageOf } from '../language/languageOf';
import { createLanguageService } from '../language/service';

/** The files are for some machine, not for this one: no module is known here. */
const NO_CATALOG: Catalog = {
  origin: undefined,
  peek: () => 'pending',
  peekInfo: () => undefined,
  names: () => Promise.resolve([]),
  get: () => Promise.resolve(undefined),
  onDidChange: () => ({ dispose: () => undefined }),
};

const service = createLanguageService({ catalog: NO_CATALOG });

const SEVERITIES = {
  [DiagnosticSeverity.Error]: 'error',
  [DiagnosticSeverity.Warning]: 'warning',
  [DiagnosticSeverity.Information]: 'information',
  [DiagnosticSeverity.Hint]: 'hint',
} as const;

interface Report {
  readonly file: string;
  readonly range: Range;
  readonly severity: (typeof SEVERITIES)[DiagnosticSeverity];
  readonly code: string;
  readonly message: string;
}

/**
 * Prints the diagnostics of files, and of those below directories that kmod or systemd reads.
 * @returns the exit code: 1 when there is an error, or a path that cannot be read
 */
export async function check(paths: readonly string[], format: 'text' | 'json'): Promise<number> {
  const reports: Report[] = [];
  let unreadable = false;
  for (const path of paths) {
    try {
      for (const file of await filesOf(path)) reports.push(...(await checkFile(file)));
    } catch (error) {
      unreadable = true;
      process.stderr.write(
        `kmod-language-server: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(reports, undefined, 2)}\n` : reports.map(asLine).join(''),
  );
  return unreadable || reports.some(({ severity }) => severity === 'error') ? 1 : 0;
}

async function checkFile(file: string): Promise<Report[]> {
  const uri = pathToFileURL(resolve(file)).href;
  // A file that is named is checked under any name, as by modprobe -C.
  const languageId = languageOf('', uri) ?? 'modprobe';
  const document = TextDocument.create(uri, languageId, 0, await readFile(file, 'utf8'));
  return service.validate(document).map(({ range, severity = DiagnosticSeverity.Error, code, message }) => ({
    file,
    range,
    severity: SEVERITIES[severity],
    code: String(code),
    message: typeof message === 'string' ? message : message.value,
  }));
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const below = await readdir(path, { recursive: true, withFileTypes: true });
  return below
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => languageOf('', pathToFileURL(resolve(file)).href) !== undefined)
    .sort();
}

/** As compilers print it: lines and columns from 1. */
function asLine({ file, range, severity, message, code }: Report): string {
  const { line, character } = range.start;
  return `${file}:${line + 1}:${character + 1}: ${severity}: ${message} [${code}]\n`;
}
