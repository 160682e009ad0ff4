import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import { CONFIGURATION } from '../engine/files/limits';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { LanguageService } from './language/service';

/** Of more problems in a file, the first are told: no editor shows more. */
const MAX_DIAGNOSTICS = 1_000;

/** In UTF-16 units, as a file of so many bytes has at the most. */
export function isTooLarge(document: TextDocument): boolean {
  return document.getText().length > CONFIGURATION;
}

/** What an editor is told of a document: all that is found, within the limits. */
export function diagnosticsToTell(document: TextDocument, service: LanguageService): Diagnostic[] {
  if (isTooLarge(document)) {
    return [note(`This file is not checked: it has more than ${CONFIGURATION >> 20} MiB`)];
  }
  const found = service.validate(document, MAX_DIAGNOSTICS + 1);
  if (found.length <= MAX_DIAGNOSTICS) return found;
  return [
    note(`Only the first ${MAX_DIAGNOSTICS} problems are shown: there are more`),
    ...found.slice(0, MAX_DIAGNOSTICS),
  ];
}

function note(message: string): Diagnostic {
  const start = { line: 0, character: 0 };
  return { range: { start, end: start }, severity: DiagnosticSeverity.Information, source: 'kmod', message };
}
