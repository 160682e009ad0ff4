import { dirname, join, resolve } from 'node:path';
import { KbuildModules } from '../../engine/base/kbuildModules';
import { readDirectory } from '../../engine/files/directory';
import { KBUILD_FILE } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { KBUILD_FILE_NAMES, includesOfKbuild, namesModules } from '../../kmod/kbuild';
import { normalizeModuleName } from '../../kmod/name';
import { Emitter } from '../catalog/emitter';
import type { ModuleSources, SourceModule } from '../language/c/sources';
import { readModule, type KbuildPlace } from './readModule';
import { pathOf, SourceFiles, type OpenDocument } from './sourceFiles';

/** A Kbuild file may name objects of directories below it, for example src/main.o. */
const MAX_LEVELS_UP = 5;
/** A workspace of more directories is not searched to its end. */
const MAX_DIRECTORIES = 20_000;

export interface SourcesOnDiskOptions {
  /** The documents that are open in the editor. */
  readonly open: () => readonly OpenDocument[];
  /** URIs of the workspace's folders. */
  readonly folders: () => Promise<readonly string[]>;
  /** Is told of a Kbuild file that is passed over. */
  readonly warn?: (message: string) => void;
}

/** The sources of modules on this machine, with what the editor has not saved yet. */
export class SourcesOnDisk implements ModuleSources {
  readonly #changed = new Emitter();
  readonly onDidChange = this.#changed.on;
  readonly #files: SourceFiles;
  readonly #known = new Map<string, readonly SourceModule[] | undefined>();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #kbuild: KbuildModules;

  constructor(private readonly options: SourcesOnDiskOptions) {
    this.#files = new SourceFiles(options.open);
    this.#kbuild = new KbuildModules(options.warn);
  }

  peek(uri: string): readonly SourceModule[] | undefined {
    void this.#refresh(uri);
    return this.#known.get(uri);
  }

  async get(uri: string, signal: AbortSignal): Promise<readonly SourceModule[] | undefined> {
    await this.#refresh(uri);
    signal.throwIfAborted();
    return this.#known.get(uri);
  }

  async find(name: string, signal: AbortSignal): Promise<SourceModule | undefined> {
    const wanted = normalizeModuleName(name);
    for await (const directory of this.#directories(signal)) {
      const places = await placesIn(directory, this.#kbuild);
      const place = places?.find(({ module }) => normalizeModuleName(module.name) === wanted);
      if (place !== undefined) return readModule(place, this.#files);
    }
    return undefined;
  }

  /** Lets go of what only a file that is closed now needed. */
  forget(uri: string): void {
    this.#known.delete(uri);
    const modules = [...this.#known.values()].flatMap((known) => known ?? []);
    this.#files.keep(new Set(modules.flatMap(({ files }) => files.map(({ scan }) => scan))));
  }

  /** Reads the modules of a file again; what did not change costs a stat for each source. */
  #refresh(uri: string): Promise<void> {
    const running = this.#reading.get(uri);
    if (running !== undefined) {
      // What it has read so far may be old by now.
      this.#again.add(uri);
      return running;
    }
    const reading = this.#read(uri).finally(() => {
      this.#reading.delete(uri);
      if (this.#again.delete(uri)) void this.#refresh(uri);
    });
    this.#reading.set(uri, reading);
    return reading;
  }

  async #read(uri: string): Promise<void> {
    const before = this.#known.get(uri);
    const path = pathOf(uri);
    const now = path === undefined ? undefined : await this.#modulesOf(path);
    this.#known.set(uri, now);
    if (!sameModules(before, now, uri)) this.#changed.fire();
  }

  async #modulesOf(path: string): Promise<readonly SourceModule[] | undefined> {
    const object = path.replace(/\.c$/, '.o');
    let inBuildDirectory = false;
    let directory = dirname(path);
    for (let level = 0; level <= MAX_LEVELS_UP; level++, directory = dirname(directory)) {
      const places = await placesIn(directory, this.#kbuild);
      if (places === undefined) continue;
      inBuildDirectory ||= level === 0;
      const own = places.filter(({ module }) =>
        module.objects.some((candidate) => resolve(directory, candidate) === object),
      );
      const modules: SourceModule[] = [];
      for (const place of own) modules.push(await readModule(place, this.#files));
      if (modules.length > 0) return modules;
    }
    return inBuildDirectory ? [] : undefined;
  }

  async *#directories(signal: AbortSignal): AsyncGenerator<string> {
    const waiting = (await this.options.folders()).flatMap((uri) => pathOf(uri) ?? []);
    // What is added is met too.
    for (const directory of waiting) {
      signal.throwIfAborted();
      yield directory;
      for (const entry of await readDirectory(directory).catch(() => [])) {
        if (waiting.length === MAX_DIRECTORIES) break;
        if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
          waiting.push(join(directory, entry.name));
      }
    }
  }
}

/** The modules that a directory's Kbuild file or Makefile names; undefined: it has none that does. */
async function placesIn(directory: string, kbuild: KbuildModules): Promise<KbuildPlace[] | undefined> {
  for (const name of KBUILD_FILE_NAMES) {
    const path = join(directory, name);
    const text = await readTextFile(path, KBUILD_FILE).catch(() => '');
    if (namesModules(text)) {
      const includeDirectories = includesOfKbuild(text).map((each) => resolve(directory, each));
      return kbuild.of(path, text).map((module) => ({ directory, module, includeDirectories }));
    }
  }
  return undefined;
}

/** A scan is made anew only when its file changed. Whoever asks for a file knows that file's own text. */
function sameModules(
  a: readonly SourceModule[] | undefined,
  b: readonly SourceModule[] | undefined,
  asking: string,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.length === b.length &&
    a.every((module, index) => {
      const other = b[index];
      return (
        module.name === other?.name &&
        module.complete === other.complete &&
        module.files.length === other.files.length &&
        module.files.every(({ uri, scan }, at) => {
          const file = other.files[at];
          return uri === file?.uri && (uri === asking || scan === file.scan);
        })
      );
    })
  );
}
