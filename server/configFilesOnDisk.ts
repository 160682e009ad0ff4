import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { CONFIGURATION } from '../engine/files/limits';
import { Sysroot } from '../engine/files/sysroot';
import { readConfiguration } from '../kmod/config/configuration';
import { orderFiles, type ConfigurationFiles } from '../kmod/config/configurationFiles';
import { decodeText } from '../kmod/text';
import type { ConfigLanguage } from '../kmod/config/syntax';
import { configurationDirectories, type KmodVersion } from '../kmod/config/versions';
import type { Logger } from './catalog/catalog';
import { SystemConfigurationFiles } from './catalog/configurationFiles';
import { languageOf } from './language/languageOf';
import type { Neighbourhood } from './language/neighbours';
import type { ConfigFiles } from './language/project';
import { rootOf } from './localFiles';

/** Where a document's neighbours are. Paths are as seen from inside of the root. */
interface Place {
  readonly root: string;
  /** Its kernel and its kernel command line count as well. */
  readonly isSystem: boolean;
  readonly modprobe: readonly string[];
  readonly modulesLoad: readonly string[];
}

interface Directories {
  readonly root: string;
  readonly paths: readonly string[];
  readonly language: ConfigLanguage;
  readonly kmod: KmodVersion;
}

export interface ConfigFilesOptions {
  readonly open: () => readonly TextDocument[];
  /** The kernel whose modules.softdep and modules.weakdep count; undefined: none is known. */
  readonly release: () => string | undefined;
  /** Told of each file that is not read, once. */
  readonly logger: Pick<Logger, 'warn'>;
}

/** The configuration on this machine, or below the sysroot that a document lies in, with what is not saved yet. */
export class ConfigFilesOnDisk implements ConfigFiles {
  /** As long as a text stays, its document stays, and is not parsed again. */
  readonly #documents = new Map<string, TextDocument>();
  readonly #told = new Set<string>();

  constructor(private readonly options: ConfigFilesOptions) {}

  async readWith(document: TextDocument, kmod: KmodVersion): Promise<readonly TextDocument[]> {
    const place = placeOf(document, kmod);
    if (place === undefined) return [];
    const read = (paths: readonly string[], language: ConfigLanguage) =>
      this.#readDirectories(document, { root: place.root, paths, language, kmod });
    return [...(await read(place.modprobe, 'modprobe')), ...(await read(place.modulesLoad, 'modules-load'))];
  }

  async configurationWith(document: TextDocument, kmod: KmodVersion): Promise<Neighbourhood | undefined> {
    const place = placeOf(document, kmod);
    if (place === undefined) return undefined;
    const { files, uriOf } = await this.#open(document, place.root);
    const read = (path: string) => {
      const counts = place.isSystem || place.modprobe.some((each) => path === each || dirname(path) === each);
      return counts ? files.read(path) : Promise.resolve(undefined);
    };
    const configuration = await readConfiguration(
      { ...files, read },
      {
        kmod,
        kernelDirectory: this.#kernelDirectory(),
        searchPaths: place.modprobe,
      },
    );
    return { configuration, uriOf };
  }

  async all(kmod: KmodVersion): Promise<readonly TextDocument[]> {
    const open = this.options.open();
    const found = new Map(open.map((document) => [document.uri, document]));
    for (const document of open) {
      if (languageOf(document.languageId, document.uri) === undefined) continue;
      for (const other of await this.readWith(document, kmod)) found.set(other.uri, other);
    }
    return [...found.values()];
  }

  async #readDirectories(
    document: TextDocument,
    { root, paths, language, kmod }: Directories,
  ): Promise<TextDocument[]> {
    const { files, uriOf } = await this.#open(document, root);
    const found = await Promise.all(paths.map(async (path) => ({ path, listing: await files.list(path) })));
    const { chosen } = orderFiles(found, this.#kernelDirectory(), kmod);
    // depmod writes those of the kernel: nobody edits them.
    const edited = chosen.filter(({ path }) => paths.some((each) => path === each || dirname(path) === each));
    const documents = await Promise.all(
      edited.map(async ({ path }) => {
        const text = await files.read(path);
        return text === undefined ? [] : [this.#documentOf(uriOf(path), language, text)];
      }),
    );
    return documents.flat();
  }

  #documentOf(uri: string, language: ConfigLanguage, text: string): TextDocument {
    const open = this.options.open().find((candidate) => candidate.uri === uri);
    if (open !== undefined) return open;
    const known = this.#documents.get(uri);
    if (known?.getText() === text) return known;
    const document = TextDocument.create(uri, language, 0, text);
    this.#documents.set(uri, document);
    return document;
  }

  /** The files below a root, where open documents stand in for those on disk. */
  async #open(document: TextDocument, root: string) {
    const sysroot = new Sysroot(root);
    const disk = this.#withinLimits(sysroot);
    // Its directory may be a link: /lib is one to /usr/lib in most distributions.
    const own = fileURLToPath(document.uri);
    const ownReal = await realPathOf(own);
    const uris = new Map<string, string>();
    const uriOf = (path: string): string => {
      const uri = uris.get(path) ?? pathToFileURL(sysroot.directory + path).href;
      // Asked for at every look.
      uris.set(path, uri);
      return uri;
    };
    const edited = withOpenDocuments(disk, this.options.open(), uriOf);
    const files: ConfigurationFiles = {
      ...edited,
      read: async (path) => {
        const onHost = sysroot.directory + path;
        if (basename(path) === basename(own) && (await realPathOf(onHost)) === ownReal) {
          uris.set(path, document.uri);
        }
        return edited.read(path);
      },
    };
    return { files, uriOf };
  }

  /** The files of a system, but for those that nobody can read, or not in reasonable time. */
  #withinLimits(sysroot: Sysroot): ConfigurationFiles {
    const disk = new SystemConfigurationFiles(sysroot);
    return {
      list: async (path) => {
        const listing = await disk.list(path);
        if (listing.kind === 'unreadable') this.#skip(sysroot, path, listing.reason);
        return listing;
      },
      read: async (path) => {
        const found = await sysroot.find(path);
        if (found === undefined) return undefined;
        const { facts } = found;
        if (!facts.isFile() && !facts.isCharacterDevice()) this.#skip(sysroot, path, 'it is no file');
        else if (facts.size > CONFIGURATION) this.#skip(sysroot, path, `it has ${facts.size} bytes`);
        else {
          const bytes = await found.read(CONFIGURATION);
          if (bytes === undefined) this.#skip(sysroot, path, 'it cannot be read');
          return bytes && decodeText(bytes);
        }
        return undefined;
      },
    };
  }

  #skip(sysroot: Sysroot, path: string, reason: string): void {
    const message = `${sysroot.directory}${path} is skipped: ${reason}`;
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.options.logger.warn(message);
  }

  #kernelDirectory(): string {
    return `/lib/modules/${this.options.release() ?? 'unknown'}`;
  }
}

/** Files, with what the editor has not saved yet. */
export function withOpenDocuments(
  files: ConfigurationFiles,
  open: readonly TextDocument[],
  uriOf: (path: string) => string,
): ConfigurationFiles {
  const documents = new Map(open.map((document) => [document.uri, document]));
  return {
    list: (path) => files.list(path),
    read: async (path) => documents.get(uriOf(path))?.getText() ?? files.read(path),
  };
}

/** undefined: the document is in no file. */
function placeOf({ uri, languageId }: TextDocument, kmod: KmodVersion): Place | undefined {
  if (!uri.startsWith('file:')) return undefined;
  const path = fileURLToPath(uri);
  const root = rootOf(path);
  if (root !== undefined) {
    const modprobe = configurationDirectories(kmod);
    return {
      root,
      isSystem: true,
      modprobe,
      modulesLoad: modprobe.map((directory) => directory.replace('modprobe.d', 'modules-load.d')),
    };
  }
  const directory = dirname(path);
  const [isModprobe, isModulesLoad] = ['modprobe.d', 'modules-load.d'].map(
    (name) => basename(directory) === name,
  );
  if (isModprobe === true || isModulesLoad === true) {
    const parent = dirname(directory);
    return {
      root: '',
      isSystem: false,
      modprobe: [`${parent}/modprobe.d`],
      modulesLoad: [`${parent}/modules-load.d`],
    };
  }
  const language = languageOf(languageId, uri);
  return {
    root: '',
    isSystem: false,
    modprobe: language === 'modprobe' ? [path] : [],
    modulesLoad: language === 'modules-load' ? [path] : [],
  };
}

/** The path itself where nothing is there. */
function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
