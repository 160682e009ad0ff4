import { stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { C_SOURCE } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { scanModuleSource } from '../../kmod/source/moduleSource';
import type { SourceScan } from '../../kmod/source/scan';

interface Scanned {
  readonly stamp: string;
  readonly scan: SourceScan;
}

/** A file as the editor has it, saved or not. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  getText(): string;
}

/** C files, scanned once for each state they are in: what the editor has open counts before what is saved. */
export class SourceFiles {
  readonly #scanned = new Map<string, Scanned>();

  constructor(private readonly open: () => readonly OpenDocument[]) {}

  /** As the editor writes it, which escapes more than Node does. */
  uriOf(path: string): string {
    return this.#openAt(path)?.uri ?? pathToFileURL(path).href;
  }

  /** undefined: there is no such file, or it can not be read. */
  async read(path: string): Promise<SourceScan | undefined> {
    const open = this.#openAt(path);
    if (open !== undefined) return this.#scan(path, `open ${open.version}`, () => open.getText());
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true || found.size > C_SOURCE) return undefined;
    const stamp = `${found.mtimeMs} ${found.size}`;
    const known = this.#scanned.get(path);
    if (known?.stamp === stamp) return known.scan;
    const text = await readTextFile(path, C_SOURCE).catch(() => undefined);
    return text === undefined ? undefined : this.#scan(path, stamp, () => text);
  }

  keep(scans: ReadonlySet<SourceScan>): void {
    for (const [path, { scan }] of this.#scanned) {
      if (!scans.has(scan)) this.#scanned.delete(path);
    }
  }

  #openAt(path: string): OpenDocument | undefined {
    return this.open().find(({ uri }) => pathOf(uri) === path);
  }

  #scan(path: string, stamp: string, text: () => string): SourceScan {
    const known = this.#scanned.get(path);
    if (known?.stamp === stamp) return known.scan;
    const scan = scanModuleSource(text());
    this.#scanned.set(path, { stamp, scan });
    return scan;
  }
}

/** undefined: a URI of no file on this machine. */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    // A host in front of the path, or an escaped '/'.
    return undefined;
  }
}
