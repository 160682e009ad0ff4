import { isDeepStrictEqual } from 'node:util';
import {
  DidChangeConfigurationNotification,
  TextDocuments,
  type ClientCapabilities,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Background } from './background';
import { SERVER_CAPABILITIES } from './capabilities';
import { CatalogChain } from './catalog/catalogChain';
import { ModuleDirectory, NoModulesError, type DirectoryChoice } from './catalog/moduleDirectory';
import type { SendRequest } from './catalog/targetCatalog';
import { ConfigFilesOnDisk } from './configFilesOnDisk';
import { DiagnosticsPublisher } from './diagnosticsPublisher';
import { answerRequests } from './handlers';
import { FirstLook } from './firstLook';
import { installedKmodVersion } from './installedKmod';
import { KmodInUse } from './kmodInUse';
import { withModuleSources } from './language/c/service';
import { createLanguageService } from './language/service';
import { isTooLarge } from './limits';
import { localFiles } from './localFiles';
import {
  LocalModules,
  TargetChanged,
  TargetModulesChanged,
  WorkspaceModulesChanged,
  type CatalogOrigin,
  type LocalModulesResult,
  type TargetChangedParams,
  type WorkspaceModulesChangedParams,
} from './protocol';
import { NeighboursOnDisk } from './neighboursOnDisk';
import { registerSources } from './registerSources';
import { inBackground } from './runSafe';
import {
  readEditorCommands,
  readKmodVersion,
  readSettings,
  readSeverities,
  settingProblems,
} from './settings';
import { SourcesOnDisk } from './sources/moduleSources';
import { SystemProbes } from './systemProbes';
import { TargetProbes } from './targetProbes';

/** Serves a connection until it ends. */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments<TextDocument>({
    create: (uri, languageId, version, text) => TextDocument.create(uri, languageId, version, text),
    update: (document, changes, version) => service.edit(document, changes, version),
  });
  const logger = connection.console;
  const open = () => documents.all().filter((document) => !isTooLarge(document));
  const sendRequest: SendRequest = (method, params) => connection.sendRequest(method, params);
  const catalog = new CatalogChain(sendRequest, logger);
  let target: CatalogOrigin | undefined;
  let capabilities: ClientCapabilities = {};
  let folders: readonly string[] = [];
  let editorCommands: readonly string[] = [];
  let settings: unknown;
  let directory: DirectoryChoice | undefined;
  const kmod = new KmodInUse(installedKmodVersion);
  const sources = new SourcesOnDisk({
    open,
    folders: async () => {
      if (capabilities.workspace?.workspaceFolders !== true) return folders;
      const current = await connection.workspace.getWorkspaceFolders();
      return current?.map(({ uri }) => uri) ?? [];
    },
    warn: (message) => logger.warn(message),
  });
  const configFiles = new ConfigFilesOnDisk({
    open,
    release: () => catalog.origin?.release,
    logger,
  });
  const neighbours = new NeighboursOnDisk({
    files: configFiles,
    openDocument: (uri) => {
      const document = documents.get(uri);
      return document === undefined || isTooLarge(document) ? undefined : document;
    },
    logger,
  });
  const systemProbes = new SystemProbes({
    open,
    directory: () => readSettings(settings),
    kmod: () => kmod.ofSystem(),
  });
  const configService = createLanguageService({
    catalog,
    neighbours,
    files: localFiles,
    configFiles,
    sources,
    editorCommands: () => editorCommands,
    probes: {
      plan: (name, kmod) =>
        (target === undefined ? systemProbes : new TargetProbes(target, sendRequest)).plan(name, kmod),
    },
  });
  const service = withModuleSources(configService, { sources, catalog });
  const configureService = () =>
    service.configure({ severity: readSeverities(settings), kmod: kmod.current });
  kmod.onDidChange(configureService);
  const facts = [kmod, catalog, neighbours, sources];
  const publisher = new DiagnosticsPublisher(connection, documents, service, facts);

  const warned = new Set<string>();
  const warnOnce = (problem: string): void => {
    if (!warned.has(problem)) logger.warn(problem);
    warned.add(problem);
  };
  const configure = (section: unknown): void => {
    settings = section;
    const chosen = readSettings(section);
    kmod.set({ configured: readKmodVersion(section), sysroot: chosen.sysroot });
    configureService();
    settingProblems(section).forEach(warnOnce);
    // An editor tells its settings again when it starts, and whenever any of them changes.
    if (isDeepStrictEqual(chosen, directory)) return;
    directory = chosen;
    catalog.choose({ directory });
  };

  connection.onInitialize((params): InitializeResult => {
    ({ capabilities } = params);
    folders = foldersOf(params);
    configure(params.initializationOptions);
    editorCommands = readEditorCommands(params.initializationOptions);
    return {
      serverInfo: { name: 'kmod-language-server' },
      capabilities: SERVER_CAPABILITIES,
    };
  });

  /** Settled when the settings were read first. */
  let configured: Promise<void> = Promise.resolve();
  const configuring = new Background();
  const readConfiguration = async (): Promise<void> => {
    configure(await connection.workspace.getConfiguration('kmod'));
  };
  const asksForConfiguration = () => capabilities.workspace?.configuration === true;

  connection.onInitialized(() => {
    publisher.start(capabilities);
    inBackground(logger, 'C files', registerSources(connection, capabilities));
    if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
      const registration = connection.client.register(DidChangeConfigurationNotification.type, {
        section: 'kmod',
      });
      inBackground(
        logger,
        'configuration',
        registration.then(() => undefined),
      );
    }
    if (asksForConfiguration()) {
      configured = readConfiguration();
      configuring.add(configured);
      inBackground(logger, 'configuration', configured);
    }
  });
  connection.onDidChangeConfiguration(({ settings }) => {
    if (asksForConfiguration()) inBackground(logger, 'configuration', readConfiguration());
    else configure((settings as { kmod?: unknown } | null)?.kmod);
  });
  connection.onRequest(LocalModules, async (): Promise<LocalModulesResult> => {
    await configured;
    try {
      const { origin, sysroot, directory: modules } = await ModuleDirectory.open(readSettings(settings));
      return { origin, sysroot, directory: modules };
    } catch (error) {
      if (error instanceof NoModulesError) return null;
      throw error;
    }
  });
  connection.onNotification(TargetChanged, ({ origin, tools }: TargetChangedParams) => {
    target = origin ?? undefined;
    kmod.set({ target: target && (tools ?? '') });
    catalog.choose({ target });
  });
  connection.onNotification(WorkspaceModulesChanged, ({ modules }: WorkspaceModulesChangedParams) => {
    catalog.workspace.set(modules);
  });
  connection.onNotification(TargetModulesChanged, () => catalog.choose({}));
  documents.onDidOpen(({ document }) => {
    if (isTooLarge(document))
      logger.warn(`${document.uri} is not looked at: it has ${document.getText().length} characters`);
    neighbours.refresh();
    inBackground(logger, 'modules', catalog.refreshIfStale());
  });
  documents.onDidSave(() => neighbours.refresh());
  documents.onDidClose(({ document }) => {
    neighbours.forget(document.uri);
    sources.forget(document.uri);
  });

  const firstLook = new FirstLook([configuring, catalog, neighbours]);
  answerRequests(connection, documents, service, () => capabilities, firstLook);
  documents.listen(connection);
  connection.listen();
}

/** URIs of the folders that an editor starts with. */
function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  return workspaceFolders?.map(({ uri }) => uri) ?? (rootUri === null ? [] : [rootUri]);
}
