import { dirname, basename } from 'node:path';
import * as vscode from 'vscode';

/** A build writes a file in steps (ld, objtool, strip, sign): milliseconds without a change before it is read. */
const SETTLE_MS = 250;

/** What is read out of a file, read again after the file has changed. */
export class WatchedFile<Content> implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly watcher: vscode.FileSystemWatcher;
  private content: Promise<Content>;
  private settling: NodeJS.Timeout | undefined;

  constructor(
    private readonly uri: vscode.Uri,
    private readonly read: (path: string) => Promise<Content>,
  ) {
    this.content = this.start();
    const pattern = new vscode.RelativePattern(
      vscode.Uri.file(dirname(uri.fsPath)),
      escapeGlob(basename(uri.fsPath)),
    );
    this.watcher = vscode.workspace.createFileSystemWatcher(pattern);
    for (const event of [this.watcher.onDidChange, this.watcher.onDidCreate, this.watcher.onDidDelete]) {
      event(() => this.settle());
    }
  }

  dispose(): void {
    clearTimeout(this.settling);
    this.watcher.dispose();
    this.changed.dispose();
  }

  /** @throws what reading throws */
  current(): Promise<Content> {
    return this.content;
  }

  private settle(): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.content = this.start();
      this.changed.fire();
    }, SETTLE_MS);
  }

  private start(): Promise<Content> {
    const content = this.read(this.uri.fsPath);
    // Whoever shows it says what went wrong; until then nobody waits for it.
    content.catch(() => undefined);
    return content;
  }
}

const escapeGlob = (name: string): string => name.replace(/[[\]{}*?]/g, '[$&]');
