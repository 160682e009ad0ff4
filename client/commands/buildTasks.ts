import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { colouredLine, plainText } from '../../kmod/plainText';
import { BuildError } from '../build/buildError';
import { findKernelBuildDirectory } from '../build/kernelBuildDirectory';
import { runBuild } from '../build/runBuild';
import { chooseToolChain } from '../build/toolChain';
import { directoryLabel, findBuildDirectories } from '../views/workspaceModules';
import { CancelledError } from './cancellation';
import type { BuildGoal } from './openTarget';
import { buildSettings } from './settings';
import { requireTrust } from './trust';

const TYPE = 'kmod';

type BuildTarget = 'modules' | 'clean';

/** What a task of type kmod says; package.json describes it. */
interface KmodTaskDefinition extends vscode.TaskDefinition {
  readonly directory: string;
  readonly target?: BuildTarget;
  readonly kernelDirectory?: string;
  readonly arch?: string;
  readonly crossCompile?: string;
  readonly llvm?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
}

interface RunningBuild {
  readonly execution: Promise<vscode.TaskExecution>;
  readonly ended: Promise<void>;
}

/** Module builds as tasks: their errors land in Problems, and Ctrl+Shift+B finds them. */
export class BuildTasks implements vscode.TaskProvider, vscode.Disposable {
  private readonly running = new Map<string, RunningBuild>();
  private readonly registration = vscode.tasks.registerTaskProvider(TYPE, this);

  constructor(private readonly goal: () => Promise<BuildGoal>) {}

  dispose(): void {
    this.registration.dispose();
  }

  async provideTasks(): Promise<vscode.Task[]> {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    const directories = await findBuildDirectories();
    return directories.flatMap((uri) => {
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      const directory = folder === undefined ? uri.fsPath : vscode.workspace.asRelativePath(uri, false);
      return (['modules', 'clean'] as const).map((target) =>
        this.task({ type: TYPE, directory, target }, folder),
      );
    });
  }

  /** A task of tasks.json: its definition stays the very object, as the editor wants it. */
  resolveTask(task: vscode.Task): vscode.Task {
    const folder = typeof task.scope === 'object' ? task.scope : undefined;
    return this.task(task.definition as KmodTaskDefinition, folder, task.name);
  }

  /**
   * Runs a build as a task and waits for its end. Callers at the same time share one build: the editor
   * runs a task once.
   * @throws BuildError, or CancelledError when the task was ended
   */
  async run(directory: string, target: BuildTarget, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const key = `${target} ${directory}`;
    const build = this.running.get(key) ?? this.start(key, directory, target);
    const stop = (): void => void build.execution.then((execution) => execution.terminate());
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await build.ended;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  private start(key: string, directory: string, target: BuildTarget): RunningBuild {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(directory));
    let finish: (outcome: Error | undefined) => void = () => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      finish = (error) => (error === undefined ? resolve() : reject(error));
    });
    const task = this.task({ type: TYPE, directory, target }, folder, undefined, finish);
    const execution = Promise.resolve(vscode.tasks.executeTask(task));
    // The terminal tells how a build ended; one that never opened, or was killed, is told by the editor alone.
    const end = vscode.tasks.onDidEndTask(({ execution: over }) => {
      void execution.then((own) => {
        if (over === own) {
          finish(new CancelledError());
        }
      });
    });
    execution.catch(finish);
    const build = { execution, ended };
    this.running.set(key, build);
    const forget = (): void => {
      this.running.delete(key);
      end.dispose();
    };
    ended.then(forget, forget);
    return build;
  }

  private task(
    definition: KmodTaskDefinition,
    folder: vscode.WorkspaceFolder | undefined,
    name?: string,
    finish: (outcome: Error | undefined) => void = () => undefined,
  ): vscode.Task {
    const target = definition.target ?? 'modules';
    const label = directoryLabel(vscode.Uri.file(absolute(definition.directory, folder)));
    const task = new vscode.Task(
      definition,
      folder ?? vscode.TaskScope.Workspace,
      plainText(name ?? `${target === 'clean' ? 'clean' : 'build'} ${label}`),
      TYPE,
      new vscode.CustomExecution((resolved) =>
        Promise.resolve(
          new BuildTerminal(
            (signal, onLine) => this.build(resolved as KmodTaskDefinition, folder, signal, onLine),
            finish,
          ),
        ),
      ),
      '$kmod',
    );
    task.group = target === 'clean' ? vscode.TaskGroup.Clean : vscode.TaskGroup.Build;
    task.presentationOptions = {
      reveal: vscode.TaskRevealKind.Silent,
      panel: vscode.TaskPanelKind.Shared,
      clear: true,
      showReuseMessage: false,
    };
    return task;
  }

  private async build(
    definition: KmodTaskDefinition,
    folder: vscode.WorkspaceFolder | undefined,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<void> {
    requireTrust();
    const directory = absolute(definition.directory, folder);
    const settings = buildSettings(vscode.Uri.file(directory));
    const goal = await this.goal();
    const wanted = { ...settings, ...goal.settings, ...definition };
    const kernelDirectory = await findKernelBuildDirectory({
      configured: wanted.kernelDirectory,
      offered: goal.kernelDirectory,
      targetRelease: goal.release,
      targetMachine: goal.machine,
    });
    const toolChain = await chooseToolChain({ ...wanted, kernelDirectory });
    onLine(`Building ${directory} against ${kernelDirectory}`);
    await runBuild(
      {
        directory,
        kernelDirectory,
        target: definition.target ?? 'modules',
        ...toolChain,
        llvm: wanted.llvm,
        variables: { ...settings.variables, ...definition.variables },
        jobs: availableParallelism(),
      },
      { signal, onLine },
    );
  }
}

function absolute(directory: string, folder: vscode.WorkspaceFolder | undefined): string {
  const root = folder ?? vscode.workspace.workspaceFolders?.[0];
  return isAbsolute(directory) || root === undefined ? directory : join(root.uri.fsPath, directory);
}

/** The terminal of a build task: shows its output, and ends it when the terminal is closed. */
class BuildTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly closed = new vscode.EventEmitter<number>();
  private readonly stop = new AbortController();
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly work: (signal: AbortSignal, onLine: (line: string) => void) => Promise<void>,
    private readonly finish: (outcome: Error | undefined) => void,
  ) {}

  open(): void {
    this.work(this.stop.signal, (line) => this.write(line)).then(
      () => this.end(undefined),
      (error: unknown) => this.end(error instanceof Error ? error : new Error(String(error))),
    );
  }

  close(): void {
    this.stop.abort(new CancelledError());
  }

  /** What make runs may print anything. */
  private write(line: string): void {
    this.written.fire(`${colouredLine(line)}\r\n`);
  }

  private end(error: Error | undefined): void {
    if (error instanceof BuildError && error.problems.length === 0) {
      this.write(error.message);
    }
    this.closed.fire(error === undefined ? 0 : 1);
    this.finish(error);
  }
}
