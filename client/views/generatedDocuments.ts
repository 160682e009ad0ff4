import * as vscode from 'vscode';

/** Read-only documents with text that was made here; their content is fixed when they are opened. */
export class GeneratedDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private static readonly scheme = 'kmod';
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscription = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(GeneratedDocuments.scheme, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
    this.changed,
  );

  dispose(): void {
    this.subscription.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /** Opens a text under a file name, for example "hello.modinfo". */
  async open(fileName: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.put(fileName, text), { preview: true });
  }

  private put(fileName: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: GeneratedDocuments.scheme, path: `/${fileName}` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    return uri;
  }
}
