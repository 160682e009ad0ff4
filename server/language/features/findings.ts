import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { EditableSyntax } from '../../../kmod/config/edit';
import type { Catalog } from '../../catalog/catalog';
import { FileChecks } from '../analysis/fileChecks';
import type { Finding } from '../analysis/finding';
import type { SyntaxCache } from '../documents';
import type { Neighbours } from '../neighbours';
import { DEFAULT_SETTINGS, type DiagnosticSettings } from '../settings';
import { readSurroundings, surroundingsKey } from './surroundings';

/** The checks of a document, and what they were made for: they stay as long as all of it does. */
interface Checking {
  readonly checks: FileChecks;
  readonly editable: EditableSyntax;
  readonly origin: Catalog['origin'];
  readonly surroundings: readonly unknown[];
  /** Follows the text no longer. */
  readonly stop: () => void;
  /** How often the catalog had changed when it was looked into. */
  catalogChanges: number;
}

/** What the checks find in a document, after the user's settings: diagnostics and their fixes speak of the same. */
export class Findings {
  #settings = DEFAULT_SETTINGS;
  #catalogChanges = 0;
  readonly #checkings = new WeakMap<TextDocument, Checking>();

  constructor(
    readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
    readonly neighbours: Neighbours,
  ) {
    catalog.onDidChange(() => this.#catalogChanges++);
  }

  configure(settings: DiagnosticSettings): void {
    this.#settings = settings;
    this.syntaxes.kmod = settings.kmod;
  }

  /** @param withFixes the places of the fixes are right, too: it takes longer */
  of(document: TextDocument, withFixes = false): Finding[] {
    const editable = this.syntaxes.editable(document);
    if (editable === undefined) return [];
    const { severity } = this.#settings;
    const found = this.#checksOf(document, editable).find(editable.syntax, withFixes);
    return found.flatMap((finding) => {
      const chosen = severity[finding.code] ?? finding.severity;
      if (chosen === finding.severity) return [finding];
      return chosen === 'off' ? [] : [{ ...finding, severity: chosen }];
    });
  }

  #checksOf(document: TextDocument, editable: EditableSyntax): FileChecks {
    const { kmod } = this.#settings;
    const { origin } = this.catalog;
    const surroundings = surroundingsKey(document, editable.syntax, kmod, this);
    let checking = this.#checkings.get(document);
    if (
      checking?.editable !== editable ||
      checking.origin !== origin ||
      checking.surroundings.length !== surroundings.length ||
      surroundings.some((each, index) => each !== checking?.surroundings[index])
    ) {
      checking?.stop();
      const { neighbouring, ...masking } = readSurroundings(document, editable.syntax, kmod, this);
      const facts = { path: pathOf(document.uri), kmod, catalog: this.catalog, ...masking };
      const checks = new FileChecks(editable.syntax, facts, neighbouring);
      const stop = editable.follow((change) => checks.change(change));
      checking = { checks, editable, origin, surroundings, stop, catalogChanges: this.#catalogChanges };
      this.#checkings.set(document, checking);
    }
    if (checking.catalogChanges !== this.#catalogChanges) {
      checking.catalogChanges = this.#catalogChanges;
      checking.checks.catalogChanged();
    }
    return checking.checks;
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
