import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { scanModuleSource } from '../../kmod/source/moduleSource';
import type { SourceScan } from '../../kmod/source/scan';

/** Sources that persons write are smaller; what is larger was generated and is not read. Bytes. */
const MAX_BYTES = 4 << 20;

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
    if (found?.isFile() !== true || found.size > MAX_BYTES) return undefined;
    const stamp = `${found.mtimeMs} ${found.size}`;
    const known = this.#scanned.get(path);
    if (known?.stamp === stamp) return known.scan;
    const text = await readFile(path, 'utf8').catch(() => undefined);
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
