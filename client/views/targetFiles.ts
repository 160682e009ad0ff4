import * as vscode from 'vscode';

const SCHEME = 'kmod-target';

/** Files of a target as they were last read, as read-only documents: `kmod-target://board-a/etc/modprobe.d/x.conf`. */
export class TargetFiles implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
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
    if (this.texts.get(key) !== text) {
      this.texts.set(key, text);
      this.changed.fire(uri);
    }
    return uri;
  }
}
