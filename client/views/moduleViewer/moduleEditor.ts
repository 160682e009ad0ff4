import { basename } from 'node:path';
import * as vscode from 'vscode';
import { openModuleFile, type OpenedModule } from '../../kernel/openModuleFile';
import {
  findNeededModule,
  findOrigins,
  findOriginsIn,
  type ModulePlace,
  type SymbolOrigins,
} from '../../kernel/moduleSurroundings';
import { showBuild, type Build, type TargetModule } from './build';
import { comparisonPage } from './comparisonPage';
import { modulePage } from './modulePage';
import type { Action, ModuleLink, Page } from './page';
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
  text: 'kmod.showModinfoText',
  devices: 'kmod.showClaimedDevices',
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
  /** The pages of targets' modules that are open: what shows another state of the module in each. */
  private readonly fetched = new Map<string, (newer: TargetModule) => void>();

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
        await showWithSurroundings(show, opened, modulePage(opened), (symbols) =>
          findOrigins(symbols, this.placeOf(opened)),
        );
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

  /** Shows a target's module, in the tab that shows an earlier state of it, if there is one. */
  showFetched(module: TargetModule): void {
    const key = `${module.target}:${module.opened.file}`;
    const replace = this.fetched.get(key);
    if (replace !== undefined) {
      replace(module);
      return;
    }
    let current = module;
    const panel = vscode.window.createWebviewPanel(
      'kmod.targetModule',
      `${module.opened.contents.info.name} · ${module.target}`,
      vscode.ViewColumn.Active,
      { enableFindWidget: true },
    );
    const view = new PageView(panel, this.parts.extension, {
      make: async (show) => {
        const { opened, tree, ...remote } = current;
        await showWithSurroundings(show, opened, modulePage(opened, remote), (symbols) =>
          Promise.resolve(findOriginsIn(tree, symbols, remote.target)),
        );
      },
      problemOf: (error) => problemOf(error, module.opened.file),
      onRequest: async (request) => {
        if (request.kind === 'open') {
          // A row of the installed modules: the target's own module is shown, not that of this workspace.
          await vscode.commands.executeCommand('kmod.showModinfo', {
            kind: 'available',
            name: request.link.module,
          });
        } else {
          await vscode.commands.executeCommand(COMMANDS[request.command], current);
        }
      },
    });
    this.fetched.set(key, (newer) => {
      current = newer;
      panel.reveal();
      void view.update();
    });
    panel.onDidDispose(() => this.fetched.delete(key));
    this.track(view, []);
  }

  compare(before: Build, after: Build): void {
    const [old, now] = [showBuild(before), showBuild(after)];
    let reading = old;
    const panel = vscode.window.createWebviewPanel(
      'kmod.moduleComparison',
      `${old.label} ↔ ${now.label}`,
      vscode.ViewColumn.Active,
      { enableFindWidget: true },
    );
    const view = new PageView(panel, this.parts.extension, {
      make: async (show) => {
        reading = old;
        const older = { label: old.label, opened: await old.current() };
        reading = now;
        show(comparisonPage(older, { label: now.label, opened: await now.current() }));
      },
      problemOf: (error) => problemOf(error, reading.path),
      onRequest: async (request) => {
        if (request.kind === 'command') {
          await vscode.commands.executeCommand(COMMANDS[request.command]);
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

/** A page, and then the same with what other files tell. */
async function showWithSurroundings(
  show: (page: Page) => void,
  opened: OpenedModule,
  page: Page,
  origins: (symbols: ReadonlySet<string>) => Promise<SymbolOrigins>,
): Promise<void> {
  show(page);
  const found = await surroundingTables(opened, origins);
  show({ ...page, tables: page.tables.map((table) => found.find(({ id }) => id === table.id) ?? table) });
}
