import * as vscode from 'vscode';
import { COMPARISON_VIEW, TARGET_MODULE_VIEW, type Build, type TargetModule } from './build';
import type { ModuleEditor, ModuleEditorParts } from './moduleEditor';

/** The editor of .ko files, and the comparison of two. Nothing of it is read before the first file is opened. */
export class ModuleViewer implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  static readonly viewType = 'kmod.moduleViewer';
  private loaded: Promise<ModuleEditor> | undefined;
  private readonly registration = vscode.Disposable.from(
    vscode.window.registerCustomEditorProvider(ModuleViewer.viewType, this, {
      webviewOptions: { enableFindWidget: true },
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerWebviewPanelSerializer(TARGET_MODULE_VIEW, {
      deserializeWebviewPanel: async (panel, state: { readonly memory?: unknown } | undefined) =>
        (await this.load()).restore(panel, state?.memory),
    }),
    vscode.window.registerWebviewPanelSerializer(COMPARISON_VIEW, {
      deserializeWebviewPanel: async (panel, state: { readonly memory?: unknown } | undefined) =>
        (await this.load()).restoreComparison(panel, state?.memory),
    }),
  );

  constructor(private readonly parts: ModuleEditorParts) {}

  dispose(): void {
    this.registration.dispose();
  }

  /** Shows the page of a module file. */
  async open(file: vscode.Uri): Promise<void> {
    await vscode.commands.executeCommand('vscode.openWith', file, ModuleViewer.viewType);
  }

  /** Shows the page of a target's module. */
  async openFetched(module: TargetModule): Promise<void> {
    (await this.load()).showFetched(module);
  }

  /** Shows what two builds differ in. */
  async compare(before: Build, after: Build): Promise<void> {
    (await this.load()).compare(before, after);
  }

  /** What the page that has the focus shows, as text; undefined: no page of a module has it. */
  async activeText(): Promise<string | undefined> {
    return this.loaded === undefined ? undefined : (await this.loaded).activeText();
  }

  async openCustomDocument(uri: vscode.Uri): Promise<vscode.CustomDocument> {
    return (await this.load()).openDocument(uri);
  }

  async resolveCustomEditor(document: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    (await this.load()).show(document, panel);
  }

  private load(): Promise<ModuleEditor> {
    this.loaded ??= import('./moduleEditor').then(({ ModuleEditor: Editor }) => new Editor(this.parts));
    return this.loaded;
  }
}
