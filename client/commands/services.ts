import type * as vscode from 'vscode';
import type { LanguageServer } from '../languageClient';
import type { AvailableModules } from '../kernel/availableModules';
import type { DeviceMonitor } from '../kernel/deviceMonitor';
import type { LocalModules } from '../kernel/localModules';
import type { PendingWork } from '../kernel/pendingWork';
import type { TargetStatuses } from '../kernel/targetStatuses';
import type { ModuleMonitor } from '../kernel/moduleMonitor';
import type { TargetModules } from '../kernel/targetModules';
import type { SerialConsoles } from '../targets/serial/serialConsoles';
import type { TargetManager } from '../targets/targetManager';
import type { LogChannel } from '../views/logChannel';
import type { DevicesView } from '../views/devicesView';
import type { ModuleGraphs } from '../views/graph/moduleGraphs';
import type { ModulesExplorer } from '../views/modulesExplorer';
import type { KernelLogs } from '../views/kernelLogs';
import type { LoadedModulesView } from '../views/loadedModulesView';
import type { Explanation } from '../views/explanation';
import type { GeneratedDocuments } from '../views/generatedDocuments';
import type { ModuleViewer } from '../views/moduleViewer/moduleViewer';
import type { WorkspaceModules } from '../views/workspaceModules';
import type { BuildTasks } from './buildTasks';

/** What the commands work with; made by the composition root. */
export interface Services {
  readonly manager: TargetManager;
  readonly monitor: ModuleMonitor;
  readonly statuses: TargetStatuses;
  readonly consoles: SerialConsoles;
  readonly pending: PendingWork;
  readonly devices: DeviceMonitor;
  readonly targetModules: TargetModules;
  readonly available: AvailableModules;
  readonly localModules: LocalModules;
  readonly workspaceModules: WorkspaceModules;
  readonly tasks: BuildTasks;
  readonly loadedModules: LoadedModulesView;
  readonly explorer: ModulesExplorer;
  readonly devicesView: DevicesView;
  readonly graphs: ModuleGraphs;
  readonly kernelLogs: KernelLogs;
  readonly documents: GeneratedDocuments;
  readonly explanation: Explanation;
  readonly viewer: ModuleViewer;
  readonly languageServer: LanguageServer;
  readonly log: LogChannel;
  readonly memory: vscode.Memento;
  /** A directory of the extension's own. */
  readonly storage: string;
}
