import { startProgram, type ChildProcess } from '../../engine/base/startProgram';
import {
  ConfigurationRequest,
  createProtocolConnection,
  DiagnosticRefreshRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type DocumentDiagnosticReport,
  type ProtocolConnection,
} from 'vscode-languageserver/node';

/** An editor with one server, in which somebody types. */
export class Typist {
  readonly #process: ChildProcess;
  readonly #connection: ProtocolConnection;
  /** When the server last asked to pull again. */
  #refreshedAt = performance.now();
  #onRefresh = (): void => undefined;
  #version = 1;

  constructor(
    argv: readonly string[],
    private readonly settings: Readonly<Record<string, unknown>>,
  ) {
    const server = startProgram(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = server;
    this.#connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    this.#connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => this.settings));
    this.#connection.onRequest(RegistrationRequest.type, () => undefined);
    this.#connection.onRequest(DiagnosticRefreshRequest.type, () => {
      this.#refreshedAt = performance.now();
      this.#onRefresh();
    });
    this.#connection.listen();
  }

  async initialize(): Promise<void> {
    await this.#connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: null,
      capabilities: {
        workspace: { configuration: true, diagnostics: { refreshSupport: true } },
        textDocument: { diagnostic: {} },
      },
      initializationOptions: this.settings,
    });
    await this.#connection.sendNotification(InitializedNotification.type, {});
  }

  async open(uri: string, text: string): Promise<void> {
    const textDocument = { uri, languageId: 'modprobe', version: 1, text };
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  }

  pull(uri: string): Promise<DocumentDiagnosticReport> {
    return this.#connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
  }

  /** Pulls, and does so again when the server asks for it, until the report is the one that is waited for. */
  async pullUntil(uri: string, isComplete: (report: DocumentDiagnosticReport) => boolean): Promise<void> {
    for (;;) {
      const refreshed = new Promise<void>((resolve) => (this.#onRefresh = resolve));
      if (isComplete(await this.pull(uri))) return;
      await refreshed;
    }
  }

  /** Pulls until the server has read all that it wants to: it then asks for nothing more. */
  async settle(uri: string, quiet: number): Promise<void> {
    do {
      await this.pull(uri);
      await new Promise((resolve) => setTimeout(resolve, quiet / 2));
    } while (performance.now() - this.#refreshedAt < quiet);
  }

  /**
   * Types a digit, or deletes it again, and waits for what the server says of it.
   * @returns milliseconds
   */
  async keystroke(uri: string, line: number, character: number): Promise<number> {
    const isInsertion = ++this.#version % 2 === 0;
    const start = { line, character };
    const end = isInsertion ? start : { line, character: character + 1 };
    const begin = performance.now();
    const changed = this.#connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: this.#version },
      contentChanges: [{ range: { start, end }, text: isInsertion ? '1' : '' }],
    });
    await this.pull(uri);
    const time = performance.now() - begin;
    await changed;
    return time;
  }

  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.#connection.sendRequest(ShutdownRequest.type);
    await this.#connection.sendNotification(ExitNotification.type);
    await exited;
    this.#connection.dispose();
  }
}
