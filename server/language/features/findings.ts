import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Catalog } from '../../catalog/catalog';
import { check } from '../analysis/checks';
import type { Finding } from '../analysis/finding';
import type { SyntaxCache } from '../documents';
import type { Neighbours } from '../neighbours';
import { DEFAULT_SETTINGS, type DiagnosticSettings } from '../settings';
import { surroundingsOf } from './surroundings';

/** What the checks find in a document, after the user's settings: diagnostics and their fixes speak of the same. */
export class Findings {
  #settings = DEFAULT_SETTINGS;

  constructor(
    readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
    readonly neighbours: Neighbours,
  ) {}

  configure(settings: DiagnosticSettings): void {
    this.#settings = settings;
    this.syntaxes.kmod = settings.kmod;
  }

  of(document: TextDocument): Finding[] {
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return [];
    const { kmod, severity } = this.#settings;
    const path = pathOf(document.uri);
    const surroundings = surroundingsOf(document, syntax, kmod, this);
    const found = check({ syntax, path, kmod, catalog: this.catalog, ...surroundings });
    return found.flatMap((finding) => {
      const chosen = severity[finding.code] ?? finding.severity;
      return chosen === 'off' ? [] : [{ ...finding, severity: chosen }];
    });
  }
}

/** With `/`; of a document that is in no file, a name without a directory. */
function pathOf(uri: string): string {
  try {
    const { protocol, pathname } = new URL(uri);
    return protocol === 'untitled:' ? 'untitled' : decodeURIComponent(pathname);
  } catch {
    return uri;
  }
}
