import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Catalog } from '../../catalog/catalog';
import type { LanguageService } from '../service';
import { SourceCompletions } from './completion';
import { SourceDiagnostics } from './diagnostics';
import { SourceHovers } from './hover';
import { SourceScans } from './scans';
import type { ModuleSources } from './sources';

export interface SourceServiceOptions {
  readonly sources: ModuleSources;
  readonly catalog: Catalog;
}

/** A language service that understands the module macros of C, too; in C it does nothing else. */
export function withModuleSources(
  service: LanguageService,
  { sources, catalog }: SourceServiceOptions,
): LanguageService {
  const scans = new SourceScans();
  const diagnostics = new SourceDiagnostics(scans, sources);
  const completions = new SourceCompletions(scans, sources, catalog);
  const hovers = new SourceHovers(scans, sources);
  const isSource = ({ languageId }: TextDocument): boolean => languageId === 'c';
  return Object.freeze({
    ...service,
    configure: (settings) => {
      service.configure(settings);
      diagnostics.configure(settings);
    },
    validate: (document, most) =>
      isSource(document) ? diagnostics.of(document).slice(0, most) : service.validate(document, most),
    complete: async (document, position, signal, ...rest) =>
      isSource(document)
        ? { isIncomplete: false, items: await completions.at(document, position, signal) }
        : service.complete(document, position, signal, ...rest),
    hover: (document, position, signal) =>
      isSource(document) ? hovers.at(document, position, signal) : service.hover(document, position, signal),
  } satisfies LanguageService);
}
