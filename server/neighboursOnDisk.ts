import { createHash } from 'node:crypto';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { KmodVersion } from '../kmod/config/versions';
import type { Logger } from './catalog/catalog';
import { Emitter } from './catalog/emitter';
import type { Neighbourhood, Neighbours } from './language/neighbours';
import type { ConfigFiles } from './language/project';
import { Background } from './background';
import { inBackground } from './runSafe';

interface Known {
  readonly kmod: KmodVersion;
  readonly neighbourhood: Neighbourhood | undefined;
  /** Two readings with the same print found the same. */
  readonly print: string;
}

export interface NeighboursOptions {
  readonly files: Pick<ConfigFiles, 'configurationWith'>;
  readonly openDocument: (uri: string) => TextDocument | undefined;
  readonly logger: Logger;
}

/** What was last read around each open document. Reading goes on behind; onDidChange tells when it found something new. */
export class NeighboursOnDisk implements Neighbours {
  readonly #changed = new Emitter();
  readonly #background = new Background();
  readonly onDidChange = this.#changed.on;
  readonly #known = new Map<string, Known>();
  /** Documents that are being read, or were read since the last refresh(). */
  readonly #fresh = new Set<string>();

  constructor(private readonly options: NeighboursOptions) {}

  peek(document: TextDocument, kmod: KmodVersion): Neighbourhood | undefined {
    const key = `${kmod} ${document.uri}`;
    if (!this.#fresh.has(key)) {
      this.#fresh.add(key);
      const reading = this.#read(document, kmod);
      this.#background.add(reading);
      inBackground(this.options.logger, `what is read with ${document.uri}`, reading);
    }
    const known = this.#known.get(document.uri);
    return known?.kmod === kmod ? known.neighbourhood : undefined;
  }

  /** Waits for what a peek has begun to read. @returns false: nothing is read */
  catchUp(): Promise<boolean> {
    return this.#background.catchUp();
  }

  openDocument(uri: string): TextDocument | undefined {
    return this.options.openDocument(uri);
  }

  /** The files may have changed: the next look reads them again. */
  refresh(): void {
    this.#fresh.clear();
  }

  forget(uri: string): void {
    this.#known.delete(uri);
  }

  async #read(document: TextDocument, kmod: KmodVersion): Promise<void> {
    const neighbourhood = await this.options.files.configurationWith(document, kmod);
    const print = printOf(document, neighbourhood);
    const before = this.#known.get(document.uri);
    this.#known.set(document.uri, { kmod, neighbourhood, print });
    if ((before?.print ?? ALONE) !== print) this.#changed.fire();
  }
}

/** The print of a document that is read alone. */
const ALONE = printOf({ uri: '' }, undefined);

function printOf({ uri }: Pick<TextDocument, 'uri'>, found: Neighbourhood | undefined): string {
  const { files = [], ignored = [], entries = [] } = found?.configuration ?? {};
  // Of the texts, which are large, only what tells them apart is kept.
  return JSON.stringify([
    // A document's own text is taken from the editor.
    files
      .filter(({ path }) => found?.uriOf(path) !== uri)
      .map(({ path, syntax }) => [path, syntax && createHash('sha256').update(syntax.source).digest('hex')]),
    ignored.filter(({ reason }) => reason.kind === 'masked'),
    entries.flatMap(({ origin, ...entry }) => (origin.kind === 'file' ? [] : [entry])),
  ]);
}
