import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from 'vscode-languageserver-types';
import type { Reader } from '../background';
import { CachedCatalog } from '../catalog/cachedCatalog';
import type { Catalog } from '../catalog/catalog';
import { ModuleDirectory, NoModulesError, type DirectoryChoice } from '../catalog/moduleDirectory';
import { ConfigFilesOnDisk } from '../configFilesOnDisk';
import { withModuleSources } from '../language/c/service';
import type { Neighbourhood, Neighbours } from '../language/neighbours';
import { createLanguageService, type LanguageService } from '../language/service';
import type { DiagnosticSettings } from '../language/settings';
import { rootOf } from '../localFiles';
import { SourcesOnDisk } from '../sources/moduleSources';
import { tell } from './output';

const NO_CATALOG: Catalog & Reader = {
  origin: undefined,
  peek: () => 'pending',
  peekInfo: () => undefined,
  peekDependants: () => undefined,
  peekFileName: () => undefined,
  peekParameters: () => undefined,
  names: () => Promise.resolve([]),
  aliases: () => Promise.resolve([]),
  resolve: () => Promise.resolve([]),
  deviceAliases: () => Promise.resolve([]),
  dependants: () => Promise.resolve([]),
  get: () => Promise.resolve(undefined),
  onDidChange: () => ({ dispose: () => undefined }),
  catchUp: () => Promise.resolve(false),
};

const LOGGER = { warn: tell, error: tell };
const NEVER = new AbortController().signal;

/** The language service of an editor, for files on disk: it waits until all is read that a file is read with. */
export class Checker {
  readonly #neighbours: ReadNeighbours;
  readonly #sources = new SourcesOnDisk({ open: () => [], folders: () => Promise.resolve([]) });
  readonly #service: LanguageService;

  private constructor(
    private readonly catalog: Catalog & Reader,
    private readonly settings: DiagnosticSettings,
  ) {
    this.#neighbours = new ReadNeighbours(
      new ConfigFilesOnDisk({ open: () => [], release: () => catalog.origin?.release, logger: LOGGER }),
    );
    const service = createLanguageService({ catalog, neighbours: this.#neighbours });
    this.#service = withModuleSources(service, { catalog, sources: this.#sources });
    this.#service.configure(settings);
  }

  /** Where no kernel is installed, no module is known; that is told only when one was asked for. */
  static async open(directory: DirectoryChoice, settings: DiagnosticSettings): Promise<Checker> {
    try {
      const catalog = new CachedCatalog(await ModuleDirectory.open(directory), LOGGER);
      await catalog.names(NEVER);
      return new Checker(catalog, settings);
    } catch (error) {
      const isAskedFor = directory.sysroot !== '' || directory.release !== '';
      if (isAskedFor || !(error instanceof NoModulesError)) tell(error);
      return new Checker(NO_CATALOG, settings);
    }
  }

  async check(document: TextDocument): Promise<Diagnostic[]> {
    if (document.languageId === 'c') await this.#sources.get(document.uri, NEVER);
    else await this.#neighbours.read(document, this.settings.kmod);
    for (;;) {
      const found = this.#service.validate(document);
      if (!(await this.catalog.catchUp())) return found;
    }
  }
}

/** What is read with a file; once for all files of a directory, or of a system. */
class ReadNeighbours implements Neighbours {
  readonly #read = new Map<string, Promise<SharedNeighbourhood | undefined>>();
  readonly #known = new Map<string, Neighbourhood>();

  constructor(private readonly files: ConfigFilesOnDisk) {}

  async read(document: TextDocument, kmod: number): Promise<void> {
    const path = fileURLToPath(document.uri);
    const key = keyOf(path);
    let reading = this.#read.get(key);
    if (reading === undefined) {
      reading = this.#share(document, kmod);
      this.#read.set(key, reading);
    }
    const shared = await reading;
    if (shared === undefined) return;
    // A directory may be a link: /lib is one to /usr/lib in most distributions.
    const own = shared.pathsByFile.get(await realpath(path)) ?? [];
    this.#known.clear();
    this.#known.set(document.uri, {
      configuration: shared.configuration,
      uriOf: (each) => (own.includes(each) ? document.uri : shared.uriOf(each)),
    });
  }

  peek({ uri }: TextDocument): Neighbourhood | undefined {
    return this.#known.get(uri);
  }

  openDocument(): undefined {
    return undefined;
  }

  async #share(document: TextDocument, kmod: number): Promise<SharedNeighbourhood | undefined> {
    const found = await this.files.configurationWith(document, kmod);
    if (found === undefined) return undefined;
    const { files, ignored } = found.configuration;
    const pathsByFile = new Map<string, string[]>();
    for (const { path } of [...files, ...ignored]) {
      const onDisk = fileURLToPath(found.uriOf(path));
      const file = await realpath(onDisk).catch(() => onDisk);
      pathsByFile.set(file, [...(pathsByFile.get(file) ?? []), path]);
    }
    return { ...found, pathsByFile };
  }
}

interface SharedNeighbourhood extends Neighbourhood {
  /** The configuration's paths of a file, by its real path. */
  readonly pathsByFile: ReadonlyMap<string, readonly string[]>;
}

/** What files are read together. */
function keyOf(path: string): string {
  const directory = dirname(path);
  if (rootOf(path) !== undefined) return `system ${rootOf(path)}`;
  return ['modprobe.d', 'modules-load.d'].includes(basename(directory)) ? dirname(directory) : path;
}
