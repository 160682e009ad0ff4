import * as vscode from 'vscode';
import * as protocol from '../server/protocol';
import type { TargetModules } from './kernel/targetModules';
import type { TargetManager } from './targets/targetManager';
import type { WorkspaceModules } from './views/workspaceModules';

const LANGUAGES: readonly string[] = ['modprobe', 'depmod', 'modules-load'];

export interface LanguageClientParts {
  readonly context: vscode.ExtensionContext;
  readonly manager: TargetManager;
  readonly targetModules: TargetModules;
  readonly workspaceModules: WorkspaceModules;
  readonly log: vscode.LogOutputChannel;
}

/** Starts the language server when the first file of its kind is opened; until then nothing of it is read. */
export function startLanguageClientWhenNeeded(parts: LanguageClientParts): vscode.Disposable {
  let client: Promise<vscode.Disposable> | undefined;
  const consider = ({ languageId }: vscode.TextDocument): void => {
    if (client === undefined && LANGUAGES.includes(languageId)) {
      client = startLanguageClient(parts);
      client.catch((error: unknown) =>
        parts.log.error(`The language server did not start: ${String(error)}`),
      );
    }
  };
  vscode.workspace.textDocuments.forEach(consider);
  return vscode.Disposable.from(vscode.workspace.onDidOpenTextDocument(consider), {
    dispose: () => {
      client?.then(
        (started) => {
          started.dispose();
        },
        () => undefined,
      );
    },
  });
}

/**
 * The server, and the answers to its reverse requests: the connection to a target is the client's, so what
 * a target's modules are is asked here.
 */
async function startLanguageClient(parts: LanguageClientParts): Promise<vscode.Disposable> {
  const { context, manager, targetModules, workspaceModules } = parts;
  const { LanguageClient, TransportKind } = await import('vscode-languageclient/node');
  const module = context.asAbsolutePath('dist/server.js');
  const client = new LanguageClient(
    'kmod',
    'Kernel Modules Language Server',
    {
      run: { module, transport: TransportKind.ipc },
      debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6009'] } },
    },
    {
      documentSelector: LANGUAGES.map((language) => ({ language })),
      synchronize: { configurationSection: 'kmod' },
      diagnosticPullOptions: { onChange: true, onTabs: false },
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

  let told: string | undefined;
  const tellTarget = (): void => {
    const name = manager.active;
    const state = name === undefined ? undefined : manager.state(name);
    const origin =
      name !== undefined && state?.kind === 'connected'
        ? { label: name, release: state.facts.release }
        : null;
    const params: protocol.TargetChangedParams = { origin };
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
  return vscode.Disposable.from(
    workspaceModules.onDidChange(() => void tellWorkspace()),
    manager.onDidChange(tellTarget),
    targetModules.onDidChange(() => void client.sendNotification(protocol.TargetModulesChanged)),
    { dispose: () => void client.dispose() },
  );
}
