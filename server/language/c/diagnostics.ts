import type { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import type { Severity } from '../analysis/rules';
import { rangeOf } from '../documents';
import { checkSource } from './checks';
import type { SourceScans } from './scans';
import type { ModuleSources } from './sources';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export class SourceDiagnostics {
  constructor(
    private readonly scans: SourceScans,
    private readonly sources: ModuleSources,
  ) {}

  /** Nothing for a file of a directory where no module is built. */
  of(document: TextDocument): Diagnostic[] {
    const modules = this.sources.peek(document.uri);
    if (modules === undefined) return [];
    const { uri } = document;
    const scan = this.scans.get(document);
    const asOpen = modules.map((module) => ({
      ...module,
      files: module.files.map((file) => (file.uri === uri ? { uri, scan } : file)),
    }));
    return checkSource({ uri, scan, modules: asOpen }).map(({ code, severity, message, span }) => ({
      range: rangeOf(document, span),
      severity: SEVERITIES[severity],
      code,
      source: 'kmod',
      message,
    }));
  }
}
