import type { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticSeverity, type Range } from 'vscode-languageserver-types';
import type { Catalog } from '../catalog/catalog';
import { createLanguageService } from '../language/service';
import { forEachFile } from './configPaths';

/** The files are for some machine, not for this one: no module is known here. */
const NO_CATALOG: Catalog = {
  origin: undefined,
  peek: () => 'pending',
  peekInfo: () => undefined,
  names: () => Promise.resolve([]),
  aliases: () => Promise.resolve([]),
  resolve: () => Promise.resolve([]),
  deviceAliases: () => Promise.resolve([]),
  dependants: () => Promise.resolve([]),
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
  const readable = await forEachFile(paths, (file, document) => {
    reports.push(...reportsOf(file, document));
  });
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(reports, undefined, 2)}\n` : reports.map(asLine).join(''),
  );
  return !readable || reports.some(({ severity }) => severity === 'error') ? 1 : 0;
}

function reportsOf(file: string, document: TextDocument): Report[] {
  return service.validate(document).map(({ range, severity = DiagnosticSeverity.Error, code, message }) => ({
    file,
    range,
    severity: SEVERITIES[severity],
    code: String(code),
    message: typeof message === 'string' ? message : message.value,
  }));
}

/** As compilers print it: lines and columns from 1. */
function asLine({ file, range, severity, message, code }: Report): string {
  const { line, character } = range.start;
  return `${file}:${line + 1}:${character + 1}: ${severity}: ${message} [${code}]\n`;
}
