import * as vscode from 'vscode';
import type { ModuleContents } from '../../kmod/contents';
import { moduleNameOfPath } from '../../kmod/name';
import { graphOfLoaded, graphOfModule, type GraphFacts } from '../kernel/moduleGraph';
import { openModuleFile } from '../kernel/openModuleFile';
import { CancelledError } from './cancellation';
import { clickedModules } from './pickModule';
import type { Services } from './services';
import { ensureConnected } from './targets';

/** Draws what is loaded and how it hangs together. */
export async function showLoadedGraph(services: Services): Promise<void> {
  const { name } = await ensureConnected(services);
  await services.graphs.show(
    {
      title: `Loaded modules of ${name}`,
      fileName: `modules-${name}`,
      target: name,
      read: async () => {
        await services.monitor.refresh();
        if (services.monitor.error !== undefined) {
          throw services.monitor.error;
        }
        return graphOfLoaded(await facts(services, name));
      },
    },
    (module) => void vscode.commands.executeCommand('kmod.showModinfo', module),
  );
}

/** Draws what a module needs and what needs it: a row of a view, a .ko file, or a module that is picked. */
export async function showModuleGraph(services: Services, clicked: unknown): Promise<void> {
  const name =
    clicked instanceof vscode.Uri
      ? moduleNameOfPath(clicked.path)
      : (clickedModules(clicked, undefined)[0] ?? (await pickName(services)));
  const target = connectedTarget(services);
  await services.graphs.show(
    {
      title: target === undefined ? `Dependencies of ${name}` : `Dependencies of ${name} on ${target}`,
      fileName: `${name}-dependencies`,
      target,
      read: async () => graphOfModule(name, await facts(services, target)),
    },
    (module) => void vscode.commands.executeCommand('kmod.showModinfo', module),
  );
}

async function pickName(services: Services): Promise<string> {
  await ensureConnected(services);
  const loaded = new Set(services.monitor.snapshot?.modules.map(({ name }) => name));
  const names = async (): Promise<vscode.QuickPickItem[]> =>
    [...new Set([...services.workspaceModules.names(), ...(await services.targetModules.names())])]
      .sort((a, b) => Number(loaded.has(b)) - Number(loaded.has(a)) || (a < b ? -1 : 1))
      .map((name) => ({ label: name, description: loaded.has(name) ? 'loaded' : '' }));
  const picked = await vscode.window.showQuickPick(names(), {
    title: 'Show Dependency Graph of a Module',
    placeHolder: 'A module of the target or of this workspace',
    // A graph that has the focus gets it back when the palette closes, and that may come after the list opened.
    ignoreFocusOut: true,
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked.label;
}

/** The active target, where it is connected. */
function connectedTarget({ manager }: Services): string | undefined {
  const { active } = manager;
  return active !== undefined && manager.state(active).kind === 'connected' ? active : undefined;
}

/**
 * @param target whose modules they shall be, and not those of another one that is active by now; undefined: those of
 * whatever is connected, or of the workspace alone
 */
async function facts(services: Services, target: string | undefined): Promise<GraphFacts> {
  const { manager, monitor, targetModules, workspaceModules, log } = services;
  await workspaceModules.search();
  const own: ModuleContents[] = [];
  for (const { fsPath } of workspaceModules.files().filter(({ path }) => path.endsWith('.ko'))) {
    try {
      own.push((await openModuleFile(fsPath)).contents);
    } catch (error) {
      log.warn(`${fsPath}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const tree = await targetModules.index();
  const { snapshot } = monitor;
  if (target !== undefined && snapshot?.target.name !== target) {
    throw new Error(
      manager.active === target
        ? `${target} is not connected. This is drawn again once it is.`
        : `${target} is not the active target. This is drawn again once it is selected.`,
    );
  }
  return { loaded: snapshot?.modules ?? [], tree, own };
}
