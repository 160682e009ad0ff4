import * as vscode from 'vscode';
import { registerCommands, type Manifest } from './commands';
import { reportReturns } from './commands/targetActions';
import { connectAutomatically } from './commands/autoConnect';
import { BuildTasks } from './commands/buildTasks';
import { readTargetModule } from './commands/fetchTargetModule';
import { buildGoal, createTargetOpener } from './commands/openTarget';
import type { Services } from './commands/services';
import { SettingProblems } from './commands/settingProblems';
import { buildSettings, refreshInterval, targetSettings } from './commands/settings';
import { LocalModules as LocalModulesRequest, type LocalModulesResult } from '../server/protocol';
import { AvailableModules } from './kernel/availableModules';
import { DeviceMonitor } from './kernel/deviceMonitor';
import { LocalModules } from './kernel/localModules';
import { ModuleMonitor } from './kernel/moduleMonitor';
import { PendingWork } from './kernel/pendingWork';
import { TargetModules } from './kernel/targetModules';
import { TargetStatuses } from './kernel/targetStatuses';
import { TreeCache } from './kernel/treeCache';
import { LanguageServer } from './languageClient';
import { welcomeTarget } from './kernel/welcomeTarget';
import { SerialConsoles } from './targets/serial/serialConsoles';
import { TargetManager } from './targets/targetManager';
import { setContextKeys } from './views/contextKeys';
import { DevicesView } from './views/devicesView';
import { ModuleGraphs } from './views/graph/moduleGraphs';
import { ModulesExplorer } from './views/modulesExplorer';
import { KernelLogs } from './views/kernelLogs';
import { KbuildHover } from './views/kbuildHover';
import { LoadedModulesView } from './views/loadedModulesView';
import { Explanation } from './views/explanation';
import { GeneratedDocuments } from './views/generatedDocuments';
import { ModuleViewer } from './views/moduleViewer/moduleViewer';
import { createStatusBar } from './views/statusBar';
import { createLogChannel } from './views/logChannel';
import { TargetFiles } from './views/targetFiles';
import { TargetsView } from './views/targetsView';
import { WorkspaceModules } from './views/workspaceModules';

const ACTIVE_TARGET = 'kmod.activeTarget';

let manager: TargetManager | undefined;

/** Wires the extension together. Nothing is connected, built or read here. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLogChannel('Kernel Modules');
  const targets: TargetManager = new TargetManager({
    open: createTargetOpener(context, log, (name) => consoles.of(name)),
    probe: (target, signal) => welcomeTarget(target, signal, (level, message) => log[level](message)),
  });
  manager = targets;
  const consoles: SerialConsoles = new SerialConsoles(targets);
  const connected = () => {
    const state = targets.active === undefined ? undefined : targets.state(targets.active);
    return state?.kind === 'connected' ? state : undefined;
  };

  const workspaceModules = new WorkspaceModules((message) => log.warn(message));
  const localModules = new LocalModules();
  const monitor = new ModuleMonitor(
    () => connected()?.target,
    () => workspaceModules.names(),
  );
  const targetModules = new TargetModules({
    connected: () => {
      const state = connected();
      return state === undefined ? undefined : { target: state.target, release: state.facts.release };
    },
    cache: new TreeCache(vscode.Uri.joinPath(context.globalStorageUri, 'trees').fsPath),
    onCacheError: (error) => log.warn(`What is kept of a target's modules: ${String(error)}`),
  });
  const targetFiles = new TargetFiles();
  const devices = new DeviceMonitor(
    () => connected()?.target,
    () => targetModules.index(),
  );
  const statuses = new TargetStatuses(targets, (error) =>
    log.warn(`How a target does can not be read: ${String(error)}`),
  );
  const languageServer = new LanguageServer({
    context,
    manager: targets,
    targetModules,
    targetFiles,
    workspaceModules,
    log,
  });
  const available = new AvailableModules({
    connected: () => {
      const state = connected();
      return state && { target: state.target, release: state.facts.release };
    },
    targetModules,
    localModules,
    localDirectory: async () =>
      (await languageServer.request<LocalModulesResult>(LocalModulesRequest, null)) ?? undefined,
    warn: (message) => log.warn(message),
  });
  const services: Services = {
    manager: targets,
    monitor,
    statuses,
    consoles,
    pending: new PendingWork(),
    devices,
    targetModules,
    available,
    explorer: new ModulesExplorer(available, monitor, targets),
    localModules,
    workspaceModules,
    tasks: new BuildTasks(() => buildGoal(targets, context.globalStorageUri.fsPath, log)),
    loadedModules: new LoadedModulesView(monitor, targets, workspaceModules, localModules, refreshInterval),
    devicesView: new DevicesView({ devices, monitor, workspaceModules, localModules }),
    graphs: new ModuleGraphs(context.extensionUri, monitor),
    kernelLogs: new KernelLogs(targets, consoles, log),
    documents: new GeneratedDocuments(),
    explanation: new Explanation(),
    viewer: new ModuleViewer({
      extension: context.extensionUri,
      manager: targets,
      fetch: (target, module) => readTargetModule(services, target, module),
      kernelDirectory: (file) => buildSettings(file).kernelDirectory,
      ownFile: (module) => workspaceModules.file(module),
    }),
    languageServer,
    log,
    memory: context.workspaceState,
    storage: context.globalStorageUri.fsPath,
  };

  const readSettings = (): void => {
    targets.setDefinitions(targetSettings().definitions);
  };
  readSettings();
  targets.select(context.workspaceState.get(ACTIVE_TARGET));

  context.subscriptions.push(
    log,
    consoles,
    workspaceModules,
    localModules,
    monitor,
    devices,
    targetModules,
    services.tasks,
    services.loadedModules,
    services.devicesView,
    available,
    services.explorer,
    services.graphs,
    services.kernelLogs,
    services.documents,
    services.explanation,
    targetFiles,
    services.viewer,
    new KbuildHover(localModules),
    statuses,
    reportReturns(services),
    new SettingProblems(log),
    new TargetsView(targets, statuses, consoles),
    createStatusBar(targets, statuses),
    setContextKeys(targets, workspaceModules),
    registerCommands(services, context.extension.packageJSON as Manifest),
    services.languageServer,
    targets.onDidChange(() => {
      void context.workspaceState.update(ACTIVE_TARGET, targets.active);
      if (connected()?.target !== monitor.snapshot?.target) {
        void monitor.refresh();
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('kmod.targets')) {
        readSettings();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      readSettings();
      connectAutomatically(services);
    }),
  );
  connectAutomatically(services);
}

/** Ends every connection: what a virtual machine or a channel holds is gone before the editor is. */
export async function deactivate(): Promise<void> {
  await manager?.dispose();
}
