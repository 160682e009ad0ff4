import { basename } from 'node:path';
import * as vscode from 'vscode';
import { openModuleFile, type OpenedModule } from '../../kernel/openModuleFile';
import { findNeededModule, findOrigins, type ModulePlace } from '../../kernel/moduleSurroundings';
import { runAction } from './actions';
import { buildLabel, COMPARISON_VIEW, showBuild, type Build, type TargetModule } from './build';
import { comparedFiles, rememberComparison } from './comparisonMemory';
import { comparisonPage } from './comparisonPage';
import { modulePage } from './modulePage';
import type { ModuleLink } from './page';
import { PageView } from './pageView';
import { problemOf } from './problem';
import { showWithSurroundings } from './surroundings';
import { TargetModulePages, type TargetModuleParts } from './targetModulePages';
import { WatchedFile } from './watchedFile';
import { say } from '../say';

export interface ModuleEditorParts extends TargetModuleParts {
  /** The setting kmod.build.kernelDirectory, for a file. */
  readonly kernelDirectory: (file: vscode.Uri) => string | undefined;
  /** The workspace's own file of a module. */
  readonly ownFile: (module: string) => vscode.Uri | undefined;
}

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
  private readonly targetModules: TargetModulePages;

  constructor(private readonly parts: ModuleEditorParts) {
    this.targetModules = new TargetModulePages(parts, (view) => this.track(view, []));
  }

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
        await showWithSurroundings(show, opened, modulePage(opened), (symbols) =>
          findOrigins(symbols, this.placeOf(opened)),
        );
      },
      problemOf: (error) => problemOf(error, uri.fsPath),
      onRequest: async (request) => {
        if (request.kind === 'open') {
          await this.openModule(request.link, await file.current());
        } else {
          await runAction(request.command, uri);
        }
      },
    });
    this.track(view, [file]);
  }

  /** Shows a target's module that was fetched, in the tab that shows an earlier state of it, if there is one. */
  showFetched(module: TargetModule): void {
    this.targetModules.show(module, module);
  }

  /** Shows a target's module in a panel that the editor kept from an earlier window. */
  restore(panel: vscode.WebviewPanel, memory: unknown): void {
    this.targetModules.restore(panel, memory);
  }

  compare(before: Build, after: Build): void {
    const panel = vscode.window.createWebviewPanel(
      COMPARISON_VIEW,
      `${buildLabel(before)} ↔ ${buildLabel(after)}`,
      vscode.ViewColumn.Active,
      { enableFindWidget: true },
    );
    this.fillComparison(panel, before, after);
  }

  /** Compares again in a panel that the editor kept from an earlier window. */
  restoreComparison(panel: vscode.WebviewPanel, memory: unknown): void {
    const files = comparedFiles(memory);
    if (files === undefined) {
      panel.dispose();
    } else {
      this.fillComparison(panel, ...files);
    }
  }

  private fillComparison(panel: vscode.WebviewPanel, before: Build, after: Build): void {
    const [old, now] = [showBuild(before), showBuild(after)];
    let reading = old;
    const memory = rememberComparison(before, after);
    const view = new PageView(panel, this.parts.extension, {
      ...(memory === undefined ? {} : { memory }),
      make: async (show) => {
        reading = old;
        const older = { label: old.label, opened: await old.current() };
        reading = now;
        show(comparisonPage(older, { label: now.label, opened: await now.current() }));
      },
      problemOf: (error) => problemOf(error, reading.path),
      onRequest: async (request) => {
        if (request.kind === 'command') {
          await runAction(request.command);
        }
      },
    });
    panel.onDidDispose(() => {
      old.dispose();
      now.dispose();
    });
    this.track(view, [old, now]);
  }

  /** Follows the focus and the files of a page. */
  private track(
    view: PageView,
    files: readonly { onDidChange(listener: () => void): vscode.Disposable }[],
  ): void {
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
