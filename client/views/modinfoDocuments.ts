import * as vscode from 'vscode';

/** Read-only documents with the text of modinfo; their content is fixed when they are opened. */
export class ModinfoDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = 'kmod-modinfo';
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscription = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(ModinfoDocuments.scheme, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
    this.changed,
  );

  dispose(): void {
    this.subscription.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  async open(title: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: ModinfoDocuments.scheme, path: `/${title}.modinfo` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true });
  }
}
