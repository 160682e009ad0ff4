import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { KbuildModule } from '../../kmod/kbuild';
import type { SourceModule } from '../language/c/sources';
import type { SourceFiles } from './sourceFiles';

/** A module of more files than this is not read to its end. */
const MAX_FILES = 500;

/** A module as its Kbuild file describes it. */
export interface KbuildPlace {
  readonly directory: string;
  readonly module: KbuildModule;
  /** Where the Kbuild file lets the compiler look for headers, absolute. */
  readonly includeDirectories: readonly string[];
}

/** The sources of a module and the headers of its own; what can not be found is left out and told. */
export async function readModule(place: KbuildPlace, files: SourceFiles): Promise<SourceModule> {
  const { directory, module } = place;
  const found = new Map<string, SourceModule['files'][number]>();
  let complete = true;
  const waiting: string[] = [];
  for (const object of module.objects) {
    const source = resolve(directory, object.replace(/\.o$/, '.c'));
    if ((await files.read(source)) !== undefined) waiting.push(source);
    // Assembly and Rust say nothing by macros of C.
    else if (!(await anyExists(['.S', '.rs'].map((suffix) => source.replace(/\.c$/, suffix)))))
      complete = false;
  }
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (found.has(path)) continue;
    if (found.size === MAX_FILES) {
      complete = false;
      break;
    }
    const scan = await files.read(path);
    if (scan === undefined) continue;
    found.set(path, { uri: files.uriOf(path), scan });
    for (const include of scan.includes) {
      const header = await firstReadable([dirname(path), ...place.includeDirectories], include, files);
      if (header === undefined) complete = false;
      else waiting.push(header);
    }
  }
  return {
    name: module.name,
    files: [...found.values()],
    complete,
    conditional: module.conditional === true,
  };
}

async function firstReadable(
  directories: readonly string[],
  name: string,
  files: SourceFiles,
): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, name);
    if ((await files.read(path)) !== undefined) return path;
  }
  return undefined;
}

async function anyExists(paths: readonly string[]): Promise<boolean> {
  const results = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return results.includes(true);
}
