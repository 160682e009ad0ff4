import * as vscode from 'vscode';

const SCHEME = 'kmod-target';

/** Characters of all texts that are kept, but for those of open documents. */
const MAX_KEPT = 8 * 1024 * 1024;

/** Files of a target as they were last read, as read-only documents: `kmod-target://board-a/etc/modprobe.d/x.conf`. */
export class TargetFiles implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private kept = 0;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscription = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    this.changed,
  );

  dispose(): void {
    this.subscription.dispose();
  }

  /** @throws Error for a document that an earlier session of the editor left open: nothing is read by itself */
  provideTextDocumentContent(uri: vscode.Uri): string {
    const text = this.texts.get(uri.toString());
    if (text === undefined) {
      throw new Error(`${uri.path} of ${uri.authority} is not read: explain a name to read it again.`);
    }
    return text;
  }

  /** Keeps a file's text. */
  put(target: string, path: string, text: string): vscode.Uri {
    // The path is the target's, and need not be text.
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      authority: target,
      path: path.replace(/\p{Cs}/gu, '\ufffd'),
    });
    const key = uri.toString();
    const known = this.texts.get(key);
    this.forget(key);
    // The last in the order of the map is the one that is kept longest.
    this.texts.set(key, text);
    this.kept += text.length;
    this.dropOldest();
    if (known !== text) {
      this.changed.fire(uri);
    }
    return uri;
  }

  private forget(key: string): void {
    this.kept -= this.texts.get(key)?.length ?? 0;
    this.texts.delete(key);
  }

  /** Each explanation brings the files of its target anew. */
  private dropOldest(): void {
    const open = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.toString()));
    for (const key of this.texts.keys()) {
      if (this.kept <= MAX_KEPT) {
        return;
      }
      if (!open.has(key)) {
        this.forget(key);
      }
    }
  }
}
