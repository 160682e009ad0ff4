import type { TextDocument } from 'vscode-languageserver-textdocument';
import { scanModuleSource } from '../../../kmod/source/moduleSource';
import type { SourceScan } from '../../../kmod/source/scan';

/** Scans each version of a C file once. */
export class SourceScans {
  readonly #scanned = new WeakMap<TextDocument, { version: number; scan: SourceScan }>();

  get(document: TextDocument): SourceScan {
    const cached = this.#scanned.get(document);
    if (cached?.version === document.version) return cached.scan;
    const scan = scanModuleSource(document.getText());
    this.#scanned.set(document, { version: document.version, scan });
    return scan;
  }
}
