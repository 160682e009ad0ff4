import type { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import { sourceOffset } from '../../../kmod/config/lines';
import { pageOf } from '../../pages';
import type { Finding, Related } from '../analysis/finding';
import type { Severity } from '../analysis/rules';
import { uncheckedFrom } from '../analysis/lists';
import { rangeOf } from '../documents';
import type { Findings } from './findings';

export const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export class Diagnostics {
  constructor(private readonly findings: Findings) {}

  /** @param most of so many, the first ones */
  of(document: TextDocument, most = Infinity): Diagnostic[] {
    const unchecked = this.#unchecked(document).slice(0, most);
    const findings = this.findings.of(document).slice(0, most - unchecked.length);
    return [...unchecked, ...findings.map((finding) => diagnosticOf(document, finding))];
  }

  #unchecked(document: TextDocument): Diagnostic[] {
    return (this.findings.syntaxes.get(document)?.nodes ?? []).flatMap((node) => {
      const from = uncheckedFrom(node);
      if (from === undefined) return [];
      const start = document.positionAt(sourceOffset(node.line, from));
      return [
        {
          range: { start, end: document.positionAt(node.line.end) },
          severity: DiagnosticSeverity.Information,
          source: 'kmod',
          message: 'The line is too long: what is behind this place is not checked',
        },
      ];
    });
  }
}

export function diagnosticOf(document: TextDocument, finding: Finding): Diagnostic {
  const { code, severity, message, span, related } = finding;
  return {
    range: rangeOf(document, span),
    severity: SEVERITIES[severity],
    code,
    codeDescription: { href: pageOf('diagnostics', code) },
    source: 'kmod',
    message,
    ...(related === undefined ? {} : relatedInformation(document, related)),
  };
}

function relatedInformation(
  document: TextDocument,
  { entry: { file, statement }, message }: Related,
): Pick<Diagnostic, 'relatedInformation'> {
  const { line } = statement;
  if (file === undefined) {
    const location = { uri: document.uri, range: rangeOf(document, line) };
    return { relatedInformation: [{ location, message }] };
  }
  if (file.uri === undefined) return {};
  const start = { line: line.firstLine, character: 0 };
  const end = { line: line.lastLine + 1, character: 0 };
  return { relatedInformation: [{ location: { uri: file.uri, range: { start, end } }, message }] };
}
