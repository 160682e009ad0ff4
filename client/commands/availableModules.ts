import * as vscode from 'vscode';
import { searchTree, type SearchHit } from '../../kmod/tree/search';
import { plainText } from '../../kmod/plainText';
import type { AvailableSnapshot } from '../kernel/availableModules';
import { plural } from '../views/format';
import type { AvailableItem } from '../views/modulesExplorer';
import { CancelledError, withProgress } from './cancellation';
import { showFailure } from './failure';
import { clickedModules } from './pickModule';
import type { Services } from './services';
import { say } from '../views/say';

/** Hits of one kind at most: what is looked for stands among the first, or more of it is typed. */
const MAX_HITS = 50;

export async function refreshAvailable({ available, targetModules }: Services): Promise<void> {
  targetModules.reset();
  await available.refresh();
}

async function read({ available }: Services): Promise<AvailableSnapshot> {
  if (available.snapshot === undefined) {
    await available.refresh();
  }
  if (available.error !== undefined) {
    throw available.error;
  }
  if (available.snapshot === undefined) {
    throw new Error(
      'no target is connected, and this machine has no kernel modules. Connect a target, or set kmod.sysroot.',
    );
  }
  return available.snapshot;
}

interface HitItem extends vscode.QuickPickItem {
  readonly hit?: SearchHit;
}

const MODINFO: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('info'), tooltip: 'Show Modinfo' };
const MODPROBE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('play'), tooltip: 'Modprobe' };
const PARAMETERS: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('symbol-parameter'),
  tooltip: 'Search Parameters, Too: Reads Every Module File Once',
};

const WHAT: Readonly<Record<SearchHit['what'], (text: string) => string>> = {
  name: () => '',
  device: (text) => `drives ${text}`,
  alias: (text) => `alias ${text}`,
  symbol: (text) => `exports ${text}`,
  parameter: (text) => `parameter ${text}`,
};

/** Searches the available modules by name, alias, symbol and parameter while the text is typed; the picked one is shown. */
export async function searchAvailable(services: Services): Promise<void> {
  const { label, tree } = await read(services);
  const { available, explorer } = services;
  const picker = vscode.window.createQuickPick<HitItem>();
  picker.title = `Search Modules of ${plainText(label)}`;
  const search = (limit: number): SearchHit[] => {
    try {
      return searchTree(tree, picker.value, available.parameters, limit);
    } catch (error) {
      picker.hide();
      void showFailure(services, 'The modules cannot be searched', error);
      return [];
    }
  };
  const update = (): void => {
    const hits = search(MAX_HITS);
    picker.items = hits.map((hit) => ({
      hit,
      label: `$(circuit-board) ${plainText(hit.module)}`,
      description: explorer.stateOf(hit.module),
      detail: plainText(WHAT[hit.what](hit.text)).slice(0, 200),
      // What was found may not be in the label: the editor shall not look for it there once more.
      alwaysShow: true,
      buttons: explorer.stateOf(hit.module) === 'not loaded' ? [MODINFO, MODPROBE] : [MODINFO],
    }));
  };
  const prepare = (): void => {
    const all = available.parameters !== undefined;
    picker.placeholder = `Name, alias, modalias, symbol${all ? ' or parameter text' : ''}`;
    picker.buttons = all ? [] : [PARAMETERS];
    update();
  };
  const run = (command: string, module: string): void => {
    picker.hide();
    const row: AvailableItem = { kind: 'available', name: module, directory: undefined };
    void vscode.commands.executeCommand(command, row);
  };
  prepare();
  try {
    await new Promise<void>((resolve) => {
      picker.onDidChangeValue(update);
      picker.onDidHide(() => resolve());
      picker.onDidAccept(() => {
        // Who types fast presses Enter before the list shows what was found.
        const [found] = search(1);
        const hit = picker.selectedItems[0]?.hit ?? found;
        if (hit !== undefined) {
          void explorer.reveal(hit.module);
        }
        picker.hide();
      });
      picker.onDidTriggerItemButton(({ button, item }) => {
        if (item.hit !== undefined) {
          run(button === MODPROBE ? 'kmod.modprobe' : 'kmod.showModinfo', item.hit.module);
        }
      });
      picker.onDidTriggerButton(() => {
        picker.busy = true;
        picker.enabled = false;
        readParameters(services)
          .then(prepare, (error: unknown) => {
            picker.hide();
            return showFailure(services, 'The parameters can not be searched', error);
          })
          .finally(() => {
            picker.busy = false;
            picker.enabled = true;
          });
      });
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

/** All files of a kernel's modules: a slow target takes minutes. */
function readParameters({ available }: Services): Promise<void> {
  const { label, tree } = available.snapshot ?? {};
  return withProgress(
    `Reading the parameters of ${plural(tree?.names.length ?? 0, 'module')} of ${plainText(label ?? '')}`,
    ({ signal }) => available.readParameters(signal),
  );
}

/** The modules that need a module, directly or not; the picked one is shown. */
export async function showWhoNeeds(services: Services, clicked: unknown): Promise<void> {
  const { tree, label } = await read(services);
  const name =
    clickedModules(clicked, undefined)[0] ?? (await pickAvailable(services, 'Who Needs a Module?'));
  const direct = new Set(tree.directDependants(name));
  const all = tree.dependants(name);
  if (all.length === 0) {
    void say.information(`No module of ${label} needs ${name}.`);
    return;
  }
  const picked = await vscode.window.showQuickPick(
    [...all]
      .sort((a, b) => Number(direct.has(b)) - Number(direct.has(a)) || (a < b ? -1 : 1))
      .map((module) => ({
        label: `$(circuit-board) ${plainText(module)}`,
        description: [
          ...(direct.has(module) ? [] : ['through another']),
          services.explorer.stateOf(module),
        ].join(' · '),
        module,
      })),
    {
      title: `${plural(all.length, 'module')} of ${plainText(label)} need${all.length === 1 ? 's' : ''} ${plainText(name)}`,
      placeHolder: 'Pick one to see it in the view',
    },
  );
  if (picked !== undefined) {
    await services.explorer.reveal(picked.module);
  }
}

async function pickAvailable(services: Services, title: string): Promise<string> {
  const { tree } = await read(services);
  const picked = await vscode.window.showQuickPick([...tree.names, ...tree.builtinNames].sort(), { title });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked;
}
