import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import {
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DiagnosticRefreshRequest,
  DidChangeConfigurationNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  LogMessageNotification,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type InitializeResult,
  type MarkupContent,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import {
  TargetChanged,
  TargetModuleInfo,
  TargetModuleNames,
  type CatalogOrigin,
  type TargetChangedParams,
  type TargetModuleInfoParams,
  type TargetModuleInfoResult,
  TargetSystem,
  type TargetModuleNamesResult,
  type TargetSystemResult,
} from '../../server/protocol';

const ROOT = join(import.meta.dirname, '../..');

/** The server and the command line, bundled into a directory of their own. */
export class Bundle {
  readonly directory = mkdtempSync(join(tmpdir(), 'kmod-bundle-'));
  readonly server = join(this.directory, 'dist/server.js');
  readonly cli = join(this.directory, 'dist/cli.js');

  async make(): Promise<void> {
    await build({
      absWorkingDir: ROOT,
      entryPoints: { server: 'server/main.ts', cli: 'server/cli.ts' },
      outdir: join(this.directory, 'dist'),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'error',
    });
    copyFileSync(join(ROOT, 'package.json'), join(this.directory, 'package.json'));
    symlinkSync(join(ROOT, 'docs'), join(this.directory, 'docs'));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** How the editor is set up, and what it answers when the server asks for its target's modules. */
export interface ClientOptions {
  settings?: Readonly<Record<string, unknown>>;
  readonly capabilities?: ClientCapabilities;
  /** The URI of the workspace's folder. */
  readonly folder?: string;
  /** What starts Node, such as ORDINARY_USER; left out: nothing does. */
  readonly launcher?: readonly string[];
  targetModuleNames?: () => Promise<TargetModuleNamesResult>;
  targetSystem?: () => Promise<TargetSystemResult>;
  targetModuleInfo?: (name: string) => Promise<TargetModuleInfoResult>;
}

const PULLS: ClientCapabilities = {
  workspace: {
    configuration: true,
    diagnostics: { refreshSupport: true },
    didChangeConfiguration: { dynamicRegistration: true },
  },
  textDocument: { diagnostic: {} },
};

/** An editor, as the server sees one: a real connection to a process of its own. */
export class Client {
  readonly log: string[] = [];
  readonly pushed: PublishDiagnosticsParams[] = [];
  readonly connection: ProtocolConnection;
  readonly #pid: number | undefined;
  /** The server's exit code. */
  readonly exit: Promise<number | null>;
  #told = 0;
  #onTold: () => void = () => undefined;

  constructor(
    argv: readonly string[],
    private readonly options: ClientOptions = {},
  ) {
    const [command = '', ...rest] = [...(options.launcher ?? []), process.execPath, ...argv];
    const server = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#pid = server.pid;
    this.exit = new Promise((resolve) => server.on('exit', resolve));
    this.connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    this.#answer(this.connection);
    this.connection.listen();
  }

  async initialize(): Promise<InitializeResult> {
    const { capabilities = PULLS, settings, folder } = this.options;
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: folder === undefined ? null : [{ uri: folder, name: 'workspace' }],
      capabilities,
      initializationOptions: settings,
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  /** The most memory that the server has had at a time, bytes. */
  peakMemory(): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    const [, kilobytes = 'NaN'] = /^VmHWM:\s*(\d+)/m.exec(status) ?? [];
    return Number(kilobytes) * 1024;
  }

  async open(uri: string, text: string, languageId = 'modprobe'): Promise<void> {
    const textDocument = { uri, languageId, version: 1, text };
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  }

  async codesIn(uri: string): Promise<string[]> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri },
    });
    return report.kind === 'full' ? report.items.map(({ code }) => String(code)) : [];
  }

  async hover(uri: string, position: Position): Promise<string | undefined> {
    const hover = await this.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
    return hover === null ? undefined : (hover.contents as MarkupContent).value;
  }

  async labels(uri: string, position: Position): Promise<string[]> {
    const result = await this.connection.sendRequest(CompletionRequest.type, {
      textDocument: { uri },
      position,
    });
    return (Array.isArray(result) ? result : (result?.items ?? [])).map(({ label }) => label);
  }

  /** @param tools what those of kmod there say of their version */
  async connectTarget(origin: CatalogOrigin | null, tools?: string): Promise<void> {
    const params: TargetChangedParams = { origin, ...(tools === undefined ? {} : { tools }) };
    await this.connection.sendNotification(TargetChanged, params);
  }

  async changeSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    this.options.settings = settings;
    await this.connection.sendNotification(DidChangeConfigurationNotification.type, {
      settings: { kmod: settings },
    });
  }

  /** Waits until the server has asked to pull again, or pushed, and a condition holds. */
  async until(condition: () => Promise<boolean>): Promise<void> {
    for (;;) {
      const before = this.#told;
      if (await condition()) return;
      await new Promise<void>((resolve) => {
        this.#onTold = resolve;
        if (this.#told !== before) resolve();
      });
    }
  }

  /** Ends the server as an editor does. @returns its exit code */
  async stop(): Promise<number | null> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    return this.exit;
  }

  #answer(connection: ProtocolConnection): void {
    const tell = () => {
      this.#told++;
      this.#onTold();
    };
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(() => this.options.settings ?? {}),
    );
    connection.onRequest(RegistrationRequest.type, () => undefined);
    connection.onRequest(DiagnosticRefreshRequest.type, tell);
    connection.onRequest(TargetSystem, async () => this.options.targetSystem?.() ?? null);
    connection.onRequest(TargetModuleNames, async () => this.options.targetModuleNames?.());
    connection.onRequest(TargetModuleInfo, async ({ name }: TargetModuleInfoParams) =>
      this.options.targetModuleInfo?.(name),
    );
    connection.onNotification(LogMessageNotification.type, ({ message }) => void this.log.push(message));
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.pushed.push(params);
      tell();
    });
  }
}
