import { basename } from 'node:path';
import * as vscode from 'vscode';
import { hashModuleFile, openModuleFile, type OpenedModule } from '../../kernel/openModuleFile';
import { findNeededModule, type ModulePlace } from '../../kernel/moduleSurroundings';
import { comparisonPage } from './comparisonPage';
import { modulePage } from './modulePage';
import type { Action, ModuleLink } from './page';
import { PageView } from './pageView';
import { problemOf } from './problem';
import { surroundingTables } from './surroundings';
import { WatchedFile } from './watchedFile';
import { say } from '../say';

export interface ModuleEditorParts {
  /** Where the extension lies. */
  readonly extension: vscode.Uri;
  /** The setting kmod.build.kernelDirectory, for a file. */
  readonly kernelDirectory: (file: vscode.Uri) => string | undefined;
  /** The workspace's own file of a module. */
  readonly ownFile: (module: string) => vscode.Uri | undefined;
}

const COMMANDS: Readonly<Record<Action, string>> = {
  copy: 'kmod.copyModuleText',
  compare: 'kmod.compareModules',
};

/** A module file that is shown in one or more editors, read once for all of them and again when it changes. */
class ModuleDocument implements vscode.CustomDocument {
  readonly file: WatchedFile<OpenedModule>;

  constructor(readonly uri: vscode.Uri) {
    this.file = new WatchedFile(uri, openModuleFile);
  }

  dispose(): void {
    this.file.dispose();
  }
}

/** The pages of module files and of comparisons. */
export class ModuleEditor {
  private active: PageView | undefined;

  constructor(private readonly parts: ModuleEditorParts) {}

  /** The file is read at once, while the editor still makes the webview. */
  openDocument(uri: vscode.Uri): vscode.CustomDocument {
    return new ModuleDocument(uri);
  }

  /** What the page that has the focus says. */
  activeText(): string | undefined {
    return this.active?.panel.active === true ? this.active.text() : undefined;
  }

  show(document: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    if (!(document instanceof ModuleDocument)) {
      return;
    }
    const { file, uri } = document;
    const view = new PageView(panel, this.parts.extension, {
      make: async (show) => {
        const opened = await file.current();
        const page = modulePage(opened);
        show(page);
        const found = await surroundingTables(opened, this.placeOf(opened));
        show({
          ...page,
          tables: page.tables.map((table) => found.find(({ id }) => id === table.id) ?? table),
        });
      },
      problemOf: (error) => problemOf(error, uri.fsPath),
      onRequest: async (request) => {
        if (request.kind === 'open') {
          await this.openModule(request.link, await file.current());
        } else {
          await vscode.commands.executeCommand(COMMANDS[request.command], uri);
        }
      },
    });
    this.track(view, [file]);
  }

  compare(before: vscode.Uri, after: vscode.Uri): void {
    const files = {
      before: new WatchedFile(before, hashModuleFile),
      after: new WatchedFile(after, hashModuleFile),
    };
    const labels = {
      before: vscode.workspace.asRelativePath(before),
      after: vscode.workspace.asRelativePath(after),
    };
    let reading = before;
    const panel = vscode.window.createWebviewPanel(
      'kmod.moduleComparison',
      `${labels.before} ↔ ${labels.after}`,
      vscode.ViewColumn.Active,
      { enableFindWidget: true },
    );
    const view = new PageView(panel, this.parts.extension, {
      make: async (show) => {
        reading = before;
        const old = { label: labels.before, opened: await files.before.current() };
        reading = after;
        show(comparisonPage(old, { label: labels.after, opened: await files.after.current() }));
      },
      problemOf: (error) => problemOf(error, reading.fsPath),
      onRequest: async (request) => {
        if (request.kind === 'command') {
          await vscode.commands.executeCommand(COMMANDS[request.command]);
        }
      },
    });
    panel.onDidDispose(() => {
      files.before.dispose();
      files.after.dispose();
    });
    this.track(view, [files.before, files.after]);
  }

  /** Follows the focus and the files of a page. */
  private track(view: PageView, files: readonly WatchedFile<OpenedModule>[]): void {
    const subscriptions = [
      ...files.map((file) => file.onDidChange(() => void view.update())),
      view.panel.onDidChangeViewState(() => {
        if (view.panel.active) {
          this.active = view;
        }
      }),
    ];
    this.active = view;
    view.panel.onDidDispose(() => {
      vscode.Disposable.from(...subscriptions).dispose();
      if (this.active === view) {
        this.active = undefined;
      }
    });
  }

  private placeOf({ file, release }: OpenedModule): ModulePlace {
    return { file, release, kernelDirectory: this.parts.kernelDirectory(vscode.Uri.file(file)) };
  }

  /** A module that this one needs: the workspace's own, one beside it, or the installed one. */
  private async openModule({ module }: ModuleLink, opened: OpenedModule): Promise<void> {
    const path = this.parts.ownFile(module)?.fsPath ?? (await findNeededModule(module, this.placeOf(opened)));
    if (path === undefined) {
      void say.information(
        `${module} is neither in this workspace, nor beside ${basename(opened.file)}, nor installed on this machine for ${opened.release ?? 'its kernel'}.`,
      );
      return;
    }
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
  }
}
