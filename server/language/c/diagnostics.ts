import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from 'vscode-languageserver-types';
import { rangeOf } from '../documents';
import { pageOf } from '../../pages';
import { SEVERITIES } from '../features/diagnostics';
import { DEFAULT_SETTINGS, type DiagnosticSettings } from '../settings';
import { checkSource } from './checks';
import type { SourceFinding } from './finding';
import type { SourceScans } from './scans';
import type { ModuleSources } from './sources';

export class SourceDiagnostics {
  #settings = DEFAULT_SETTINGS;

  constructor(
    private readonly scans: SourceScans,
    private readonly sources: ModuleSources,
  ) {}

  configure(settings: DiagnosticSettings): void {
    this.#settings = settings;
  }

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
    return checkSource({ uri, scan, modules: asOpen }).flatMap((finding) =>
      this.#diagnosticOf(document, finding),
    );
  }

  #diagnosticOf(document: TextDocument, { code, severity, message, span }: SourceFinding): Diagnostic[] {
    const chosen = this.#settings.severity[code] ?? severity;
    if (chosen === 'off') return [];
    return [
      {
        range: rangeOf(document, span),
        severity: SEVERITIES[chosen],
        code,
        codeDescription: { href: pageOf('c-diagnostics', code) },
        source: 'kmod',
        message,
      },
    ];
  }
}
