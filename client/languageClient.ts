import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient, RevealOutputChannelOn } from 'vscode-languageclient/node';
import * as protocol from '../server/protocol';
import { isBuildDirectory } from './build/kbuildProject';
import { execute } from './kernel/command';
import { readModprobeSystem } from './kernel/modprobeSystem';
import { describeSystem } from './kernel/describeSystem';
import type { TargetModules } from './kernel/targetModules';
import type { TargetManager } from './targets/targetManager';
import type { LogChannel } from './views/logChannel';
import type { TargetFiles } from './views/targetFiles';
import type { WorkspaceModules } from './views/workspaceModules';

/** Node finds no names in a bundle that a package re-exports: the value stands here. */
const NEVER: RevealOutputChannelOn.Never = 4;

/** MB. V8 collects by how much there may be: with the default of a large machine it keeps some hundred MB of garbage. */
const FRUGAL = ['--max-old-space-size=1024', '--max-semi-space-size=4'];

const LANGUAGES: readonly string[] = ['modprobe', 'depmod', 'modules-load'];

interface LanguageServerParts {
  readonly context: vscode.ExtensionContext;
  readonly manager: TargetManager;
  readonly targetModules: TargetModules;
  readonly targetFiles: TargetFiles;
  readonly workspaceModules: WorkspaceModules;
  readonly log: LogChannel;
}

/**
 * The language server. It starts when the first file of its kind is opened, or when it is asked something;
 * until then nothing of it is read.
 */
export class LanguageServer implements vscode.Disposable {
  private started: Promise<LanguageClient> | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly parts: LanguageServerParts) {
    this.subscriptions = [vscode.workspace.onDidOpenTextDocument((document) => void this.consider(document))];
    vscode.workspace.textDocuments.forEach((document) => void this.consider(document));
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
    this.started?.then(
      (client) => client.dispose(),
      () => undefined,
    );
  }

  /** Asks the server something beyond what the editor asks it. */
  async request<Result>(method: string, params: unknown): Promise<Result> {
    const client = await this.start();
    return client.sendRequest<Result>(method, params);
  }

  private async consider(document: vscode.TextDocument): Promise<void> {
    if (this.started === undefined && (await isOurs(document))) {
      this.start().catch((error: unknown) => {
        this.parts.log.error(`The language server did not start: ${String(error)}`);
      });
    }
  }

  private start(): Promise<LanguageClient> {
    this.started ??= startLanguageClient(this.parts, this.subscriptions);
    return this.started;
  }
}

/** A configuration file, or a C file of a module. */
async function isOurs({ languageId, uri }: vscode.TextDocument): Promise<boolean> {
  return (
    LANGUAGES.includes(languageId) ||
    (languageId === 'c' && uri.scheme === 'file' && (await isBuildDirectory(dirname(uri.fsPath))))
  );
}

/**
 * The server, and the answers to its reverse requests: the connection to a target is the client's, so what
 * a target's modules are is asked here.
 */
async function startLanguageClient(
  { context, manager, targetModules, targetFiles, workspaceModules, log }: LanguageServerParts,
  subscriptions: vscode.Disposable[],
): Promise<LanguageClient> {
  const { LanguageClient: Client, TransportKind } = await import('vscode-languageclient/node');
  const module = context.asAbsolutePath('dist/server.js');
  // By default the directory were the workspace.
  const options = { cwd: '/', execArgv: FRUGAL };
  const client = new Client(
    'kmod',
    'Kernel Modules Language Server',
    {
      run: { module, transport: TransportKind.ipc, options },
      debug: {
        module,
        transport: TransportKind.ipc,
        options: { ...options, execArgv: [...FRUGAL, '--nolazy', '--inspect=6009'] },
      },
    },
    {
      // For C files the server asks itself: it does less in them.
      documentSelector: LANGUAGES.map((language) => ({ language })),
      initializationOptions: { commands: ['kmod.changeLineEnds', 'kmod.openLine'] },
      synchronize: { configurationSection: 'kmod' },
      diagnosticPullOptions: { onChange: true, onTabs: false },
      // Its own would show control characters as they are, and its notifications make links of what a server says.
      outputChannel: log,
      revealOutputChannelOn: NEVER,
    },
  );

  client.onRequest(protocol.TargetModuleNames, async (): Promise<protocol.TargetModuleNamesResult> => {
    return { names: await targetModules.names(), aliases: await targetModules.aliases() };
  });
  client.onRequest(
    protocol.TargetModuleInfo,
    async ({ name }: protocol.TargetModuleInfoParams): Promise<protocol.TargetModuleInfoResult> =>
      (await targetModules.info(name)) ?? null,
  );

  client.onRequest(
    protocol.TargetParameters,
    async ({ name }: protocol.TargetParametersParams): Promise<protocol.TargetParametersResult> => {
      const names = await targetModules.parameters(name);
      return names === undefined ? null : [...names];
    },
  );
  client.onRequest(
    protocol.TargetResolve,
    async ({ alias }: protocol.TargetResolveParams): Promise<protocol.TargetResolveResult> =>
      (await targetModules.index())?.resolve(alias) ?? [],
  );
  client.onRequest(
    protocol.TargetDeviceAliases,
    ({ prefix }: protocol.TargetDeviceAliasesParams): Promise<protocol.TargetDeviceAliasesResult> =>
      targetModules.deviceAliases(prefix),
  );
  client.onRequest(
    protocol.TargetDependants,
    async ({ name }: protocol.TargetDependantsParams): Promise<protocol.TargetDependantsResult> =>
      (await targetModules.index())?.directDependants(name) ?? [],
  );
  client.onRequest(protocol.TargetSystem, async (): Promise<protocol.TargetSystemResult> => {
    const name = manager.active;
    const state = name === undefined ? undefined : manager.state(name);
    if (name === undefined || state?.kind !== 'connected') {
      return null;
    }
    const system = await execute(state.target, readModprobeSystem(state.facts.release));
    return describeSystem(system, (path, text) => targetFiles.put(name, path, text).toString());
  });

  let told: string | undefined;
  const tellTarget = (): void => {
    const name = manager.active;
    const state = name === undefined ? undefined : manager.state(name);
    const origin =
      name !== undefined && state?.kind === 'connected'
        ? { label: name, release: state.facts.release }
        : null;
    const tools = state?.kind === 'connected' ? state.facts.toolsVersion : undefined;
    const params: protocol.TargetChangedParams = { origin, ...(tools === undefined ? {} : { tools }) };
    const text = JSON.stringify(params);
    if (text !== told) {
      told = text;
      void client.sendNotification(protocol.TargetChanged, params);
    }
  };

  const tellWorkspace = async (): Promise<void> => {
    const params: protocol.WorkspaceModulesChangedParams = { modules: await workspaceModules.known() };
    await client.sendNotification(protocol.WorkspaceModulesChanged, params);
  };

  await client.start();
  tellTarget();
  await workspaceModules.search();
  await tellWorkspace();
  subscriptions.push(
    workspaceModules.onDidChange(() => void tellWorkspace()),
    manager.onDidChange(tellTarget),
    targetModules.onDidChange(() => void client.sendNotification(protocol.TargetModulesChanged)),
  );
  return client;
}
