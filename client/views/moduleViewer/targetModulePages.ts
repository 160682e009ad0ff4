import * as vscode from 'vscode';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import { findOriginsIn } from '../../kernel/moduleSurroundings';
import type { TargetManager } from '../../targets/targetManager';
import type { TargetItem } from '../targetsView';
import { runAction } from './actions';
import { TARGET_MODULE_VIEW, type TargetModule } from './build';
import { modulePage } from './modulePage';
import type { FromWebview } from './page';
import { PageView } from './pageView';
import { problemOf } from './problem';
import { showWithSurroundings } from './surroundings';
import { awayProblem, notInstalledProblem, NotShownError, type TargetModuleName } from './targetProblem';

export interface TargetModuleParts {
  /** Where the extension lies. */
  readonly extension: vscode.Uri;
  readonly manager: TargetManager;
  /** Reads an installed module of a connected target; undefined: it has no file there. */
  readonly fetch: (target: string, module: string) => Promise<TargetModule | undefined>;
}

/** The pages of targets' modules: one a module. */
export class TargetModulePages {
  private readonly open = new Map<string, TargetModulePage>();

  constructor(
    private readonly parts: TargetModuleParts,
    private readonly track: (view: PageView) => void,
  ) {}

  /** @param module undefined: it is read now, or once the target is connected */
  show(name: TargetModuleName, module?: TargetModule): void {
    const known = this.open.get(keyOf(name));
    if (known !== undefined) {
      known.reveal(module);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      TARGET_MODULE_VIEW,
      `${name.module} · ${name.target}`,
      vscode.ViewColumn.Active,
      { enableFindWidget: true },
    );
    this.fill(panel, name, module);
  }

  /** A page that an earlier window showed. */
  restore(panel: vscode.WebviewPanel, memory: unknown): void {
    const name = readName(memory);
    if (name === undefined || this.open.has(keyOf(name))) {
      panel.dispose();
      return;
    }
    this.fill(panel, name);
  }

  private fill(panel: vscode.WebviewPanel, name: TargetModuleName, module?: TargetModule): void {
    const page = new TargetModulePage(panel, name, this.parts, module, (link) =>
      // The target's own module is shown, not that of this workspace.
      this.show({ target: name.target, module: normalizeModuleName(link) }),
    );
    this.open.set(keyOf(name), page);
    panel.onDidDispose(() => this.open.delete(keyOf(name)));
    this.track(page.view);
  }
}

const keyOf = ({ target, module }: TargetModuleName): string => JSON.stringify([target, module]);

/** What a page was told to remember, out of the editor's storage. */
function readName(memory: unknown): TargetModuleName | undefined {
  const { target, module } = (memory ?? {}) as Partial<Record<keyof TargetModuleName, unknown>>;
  return typeof target === 'string' && typeof module === 'string' && isModuleName(module)
    ? { target, module }
    : undefined;
}

/** The page of one module. What is shown stays as it was read when its target goes. */
class TargetModulePage {
  readonly view: PageView;
  /** How the target was when this page said that it is away. */
  private told: string | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly name: TargetModuleName,
    private readonly parts: TargetModuleParts,
    private module: TargetModule | undefined,
    private readonly openModule: (module: string) => void,
  ) {
    this.view = new PageView(panel, parts.extension, {
      memory: { target: name.target, module: name.module },
      make: async (show) => {
        this.module ??= await this.fetch();
        const { opened, tree, ...remote } = this.module;
        await showWithSurroundings(show, opened, modulePage(opened, remote), (symbols) =>
          Promise.resolve(findOriginsIn(tree, symbols, remote.target)),
        );
      },
      problemOf: (error) =>
        error instanceof NotShownError
          ? error.problem
          : { ...problemOf(error, this.module?.opened.file ?? name.module), action: 'retry' },
      onRequest: (request) => this.answer(request),
    });
    const subscription = parts.manager.onDidChange(() => this.follow());
    panel.onDidDispose(() => subscription.dispose());
  }

  /** @param module a newer state of it */
  reveal(module: TargetModule | undefined): void {
    this.panel.reveal();
    if (module !== undefined) {
      this.module = module;
      void this.view.update();
    }
  }

  private async fetch(): Promise<TargetModule> {
    const { target, module } = this.name;
    const { manager } = this.parts;
    const state = manager.state(target);
    const away = awayProblem(this.name, manager.definition(target), state);
    this.told = away?.message;
    if (away !== undefined) {
      throw new NotShownError(away);
    }
    const fetched = await this.parts.fetch(target, module);
    if (fetched === undefined) {
      throw new NotShownError(notInstalledProblem(this.name));
    }
    return fetched;
  }

  /** A page that waits for its target says how that is, and is filled when it is there. */
  private follow(): void {
    const { manager } = this.parts;
    const { target } = this.name;
    if (
      this.module === undefined &&
      awayProblem(this.name, manager.definition(target), manager.state(target))?.message !== this.told
    ) {
      void this.view.update();
    }
  }

  private async answer(request: Exclude<FromWebview, { kind: 'ready' }>): Promise<void> {
    if (request.kind === 'open') {
      this.openModule(request.link.module);
    } else if (request.command === 'retry') {
      await this.view.update();
    } else if (request.command === 'connect') {
      const item: TargetItem = { kind: 'target', name: this.name.target };
      await runAction('connect', item);
    } else {
      await runAction(request.command, this.module);
    }
  }
}
