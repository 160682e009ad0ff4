import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { LanguageService } from './language/service';

/** Larger files are not looked at, in bytes or UTF-16 units: the largest that depmod writes have a tenth of it. */
export const MAX_FILE_SIZE = 16 << 20;

/** Of more problems in a file, the first are told: no editor shows more. */
const MAX_DIAGNOSTICS = 1_000;

export function isTooLarge(document: TextDocument): boolean {
  return document.getText().length > MAX_FILE_SIZE;
}

/** What an editor is told of a document: all that is found, within the limits. */
export function diagnosticsToTell(document: TextDocument, service: LanguageService): Diagnostic[] {
  if (isTooLarge(document)) {
    return [note(`This file is not checked: it has more than ${MAX_FILE_SIZE >> 20} MiB`)];
  }
  const found = service.validate(document);
  if (found.length <= MAX_DIAGNOSTICS) return found;
  return [
    note(`Only the first ${MAX_DIAGNOSTICS} of ${found.length} problems are shown`),
    ...found.slice(0, MAX_DIAGNOSTICS),
  ];
}

function note(message: string): Diagnostic {
  const start = { line: 0, character: 0 };
  return { range: { start, end: start }, severity: DiagnosticSeverity.Information, source: 'kmod', message };
}
