import * as vscode from 'vscode';
import { addScratchTarget } from './addScratchTarget';
import { refreshAvailable, searchAvailable, showWhoNeeds } from './availableModules';
import { build, clean } from './build';
import { changeLineEnds } from './changeLineEnds';
import { clearFilter, filterModules, refresh, showKernelLog, showLog } from './inspect';
import { load, loadWithParameters } from './load';
import { modprobe, modprobeRemove } from './modprobe';
import { compareModules, copyModuleText } from './modulePages';
import {
  bind,
  copyModalias,
  loadForDevice,
  showAllDevices,
  showClaimedDevices,
  showDriverless,
  unbind,
} from './devices';
import { explain } from './explain';
import { openLine } from './openLine';
import { showFailure } from './failure';
import type { Services } from './services';
import { removeTarget } from './removeTarget';
import { showTargetSettings } from './settings';
import { showLoadedGraph, showModuleGraph } from './showGraph';
import { showModinfo, showModinfoText } from './showModinfo';
import { copySshCommand, openConsole, openTerminal, rebootTarget } from './targetActions';
import {
  addLocalTarget,
  addTarget,
  connect,
  disconnect,
  selectTarget,
  startScratch,
  stopScratch,
} from './targets';
import { requireTrust } from './trust';
import { reload, unload } from './unload';

/** What a handler is given: the thing that was clicked, and all that are selected with it. */
type Handler = (services: Services, clicked?: unknown, selected?: unknown) => unknown;

interface Entry {
  readonly run: Handler;
  /** What failed, for the notification: "Loading hello failed: …". */
  readonly failure: string;
  /** True: also in an untrusted workspace. */
  readonly untrusted?: true;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  'kmod.addTarget': { run: addTarget, failure: 'The target was not added' },
  'kmod.addScratchTarget': { run: addScratchTarget, failure: 'The scratch kernel was not added' },
  'kmod.addLocalTarget': { run: addLocalTarget, failure: 'This computer was not added' },
  'kmod.selectTarget': { run: selectTarget, failure: 'The target was not selected' },
  'kmod.connect': { run: connect, failure: 'Not connected' },
  'kmod.disconnect': { run: disconnect, failure: 'Not disconnected' },
  'kmod.stopReconnecting': { run: disconnect, failure: 'Not stopped' },
  'kmod.openTerminal': { run: openTerminal, failure: 'No terminal' },
  'kmod.openConsole': { run: openConsole, failure: 'No serial console' },
  'kmod.editTarget': { run: showTargetSettings, failure: 'The settings were not shown' },
  'kmod.removeTarget': { run: removeTarget, failure: 'The target was not removed' },
  'kmod.rebootTarget': { run: rebootTarget, failure: 'Not rebooted' },
  'kmod.copySshCommand': { run: copySshCommand, failure: 'Not copied' },
  'kmod.startScratch': { run: startScratch, failure: 'The scratch kernel did not start' },
  'kmod.stopScratch': { run: stopScratch, failure: 'The scratch kernel did not stop' },
  'kmod.build': { run: build, failure: 'Not built' },
  'kmod.clean': { run: clean, failure: 'Not cleaned' },
  'kmod.load': { run: load, failure: 'Not loaded' },
  'kmod.loadWithParameters': { run: loadWithParameters, failure: 'Not loaded' },
  'kmod.unload': { run: unload, failure: 'Not unloaded' },
  'kmod.reload': { run: reload, failure: 'Not reloaded' },
  'kmod.modprobe': { run: modprobe, failure: 'modprobe failed' },
  'kmod.modprobeRemove': { run: modprobeRemove, failure: 'modprobe -r failed' },
  'kmod.refresh': { run: refresh, failure: 'Not refreshed' },
  'kmod.filterModules': { run: filterModules, failure: 'Not filtered' },
  'kmod.clearFilter': { run: clearFilter, failure: 'Not filtered' },
  'kmod.showKernelLog': { run: showKernelLog, failure: 'The kernel log can not be shown' },
  'kmod.searchModules': { run: searchAvailable, failure: 'No search', untrusted: true },
  'kmod.refreshModules': { run: refreshAvailable, failure: 'Not refreshed', untrusted: true },
  'kmod.showWhoNeeds': { run: showWhoNeeds, failure: 'Who needs it can not be told', untrusted: true },
  'kmod.showModinfo': { run: showModinfo, failure: 'No modinfo', untrusted: true },
  'kmod.showModinfoText': { run: showModinfoText, failure: 'No modinfo', untrusted: true },
  'kmod.showLoadedGraph': { run: showLoadedGraph, failure: 'No graph' },
  'kmod.showModuleGraph': { run: showModuleGraph, failure: 'No graph' },
  'kmod.bindDevice': { run: bind, failure: 'Not bound' },
  'kmod.unbindDevice': { run: unbind, failure: 'Not unbound' },
  'kmod.loadForDevice': { run: loadForDevice, failure: 'Not loaded' },
  'kmod.copyModalias': { run: copyModalias, failure: 'Not copied' },
  'kmod.showClaimedDevices': { run: showClaimedDevices, failure: 'The devices can not be told' },
  'kmod.showDriverless': { run: showDriverless, failure: 'Not filtered' },
  'kmod.showAllDevices': { run: showAllDevices, failure: 'Not filtered' },
  'kmod.compareModules': { run: compareModules, failure: 'Not compared', untrusted: true },
  'kmod.copyModuleText': { run: copyModuleText, failure: 'Not copied', untrusted: true },
  'kmod.explain': { run: explain, failure: 'Not explained', untrusted: true },
  'kmod.changeLineEnds': { run: changeLineEnds, failure: 'Line ends not changed', untrusted: true },
  'kmod.openLine': { run: openLine, failure: 'Not opened', untrusted: true },
  'kmod.showLog': { run: showLog, failure: 'The log can not be shown', untrusted: true },
};

/** What the package says of itself, as far as it is read here. */
export interface Manifest {
  readonly contributes: {
    readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
  };
}

/** The commands that a row has, and no title of a view: given nothing, these have lost their row. */
function commandsOfRows({ contributes: { menus } }: Manifest): ReadonlySet<string | undefined> {
  const inTitles = new Set(menus['view/title']?.map(({ command }) => command));
  const onRows = menus['view/item/context']?.map(({ command }) => command) ?? [];
  return new Set(onRows.filter((command) => !inTitles.has(command)));
}

/** Registers every command; what a handler throws is told once, here. */
export function registerCommands(services: Services, manifest: Manifest): vscode.Disposable {
  const ofRows = commandsOfRows(manifest);
  const registrations = Object.entries(COMMANDS).map(([id, entry]) =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => {
      const [clicked, selected] = given;
      try {
        if (entry.untrusted !== true) {
          requireTrust();
        }
        // The editor forgets the rows of a tree while it asks for them anew. The palette gives no argument at all.
        if (ofRows.has(id) && given.length > 0 && (clicked ?? undefined) === undefined) {
          throw new Error('the list changed in that moment. Click again.');
        }
        return await entry.run(services, clicked, selected);
      } catch (error) {
        return showFailure(services, entry.failure, error);
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}
