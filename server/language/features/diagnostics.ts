import type { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import type { Catalog } from '../../catalog/catalog';
import { check } from '../analysis/checks';
import type { Severity } from '../analysis/rules';
import { rangeOf, type SyntaxCache } from '../documents';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export class Diagnostics {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
  ) {}

  of(document: TextDocument): Diagnostic[] {
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return [];
    return check({ syntax, catalog: this.catalog }).map(({ code, severity, message, span }) => ({
      range: rangeOf(document, span),
      severity: SEVERITIES[severity],
      code,
      source: 'kmod',
      message,
    }));
  }
}
