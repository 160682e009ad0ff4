import { DiagnosticSeverity, type Diagnostic, type Range } from 'vscode-languageserver-types';

const SEVERITIES = {
  [DiagnosticSeverity.Error]: 'error',
  [DiagnosticSeverity.Warning]: 'warning',
  [DiagnosticSeverity.Information]: 'information',
  [DiagnosticSeverity.Hint]: 'hint',
} as const;

/** A diagnostic of a file; positions from 0, in UTF-16, as the language server protocol has them. */
export interface Report {
  /** As it was named on the command line. */
  readonly file: string;
  readonly range: Range;
  readonly severity: (typeof SEVERITIES)[DiagnosticSeverity];
  readonly code: string;
  readonly message: string;
  /** A URI. */
  readonly page?: string;
}

export function reportOf(
  file: string,
  { range, severity = DiagnosticSeverity.Error, code, codeDescription, message }: Diagnostic,
): Report {
  return {
    file,
    range,
    severity: SEVERITIES[severity],
    code: String(code),
    message: typeof message === 'string' ? message : message.value,
    ...(codeDescription === undefined ? {} : { page: codeDescription.href }),
  };
}
