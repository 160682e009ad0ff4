import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Reader } from './background';

/** Nobody notices it when a file is opened. Milliseconds. */
const PATIENCE_MS = 150;

/**
 * Lets the first look at a document wait a moment, until what it looks into is read: an editor is told once what is
 * wrong, and not piece by piece. All other looks take what is there.
 */
export class FirstLook {
  readonly #seen = new WeakSet<TextDocument>();

  constructor(private readonly readers: readonly Reader[]) {}

  /** @param look makes the readers read what it lacks */
  async wait(document: TextDocument, look: () => unknown): Promise<void> {
    if (this.#seen.has(document)) return;
    this.#seen.add(document);
    let timer: NodeJS.Timeout | undefined;
    const isLate = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PATIENCE_MS);
    });
    do look();
    while (await Promise.race([this.#catchUp(), isLate]));
    clearTimeout(timer);
  }

  async #catchUp(): Promise<boolean> {
    return (await Promise.all(this.readers.map((reader) => reader.catchUp()))).includes(true);
  }
}
