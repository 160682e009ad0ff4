import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inSlices } from '../../engine/base/slices';
import { MODULE_INDEX, SHORT_TEXT, SYMVERS } from '../../engine/files/limits';
import { readTextFile } from '../../engine/files/regularFile';
import { Sysroot } from '../../engine/files/sysroot';
import { findInModulesSymbols, findInSymvers } from '../../kmod/symvers';
import { isModuleName, normalizeModuleName } from '../../kmod/name';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import { readModulesDep } from '../../kmod/tree/parse';

/** A module file on this machine, and the kernel it was built for. */
export interface ModulePlace {
  /** Absolute. */
  readonly file: string;
  /** Of its vermagic. */
  readonly release: string | undefined;
  /** The setting kmod.build.kernelDirectory. */
  readonly kernelDirectory?: string | undefined;
}

/** Who exports a symbol. */
interface SymbolOrigin {
  /** "vmlinux", or a module's name. */
  readonly exporter: string;
  /** Absent where only modules.symbols tells it; 0 where that kernel has no symbol versions. */
  readonly crc?: number;
}

export interface SymbolOrigins {
  readonly origins: ReadonlyMap<string, SymbolOrigin>;
  /** The files that were asked. */
  readonly sources: readonly string[];
  /** Who has what none of them tells; absent: nobody knows. */
  readonly rest?: string;
}

/** A /lib/modules/RELEASE: where one of its paths leads on this machine; undefined: nowhere. */
type ModuleDirectory = (path: string) => string | undefined;

/** The /lib/modules/RELEASE that a file lies in, also in a sysroot; else this machine's of its release. */
function moduleDirectory({ file, release }: ModulePlace): ModuleDirectory | undefined {
  const [, root = '', own] = /^(.*?)((?:\/usr)?\/lib\/modules\/[^/]+)\//.exec(file) ?? [];
  const directory = own ?? (release === undefined ? undefined : join('/lib/modules', release));
  if (directory === undefined) return undefined;
  const sysroot = new Sysroot(root);
  return (path) => sysroot.locate(path.startsWith('/') ? path : `${directory}/${path}`);
}

/**
 * Who exports the symbols: by the Module.symvers that a build left beside the file, that of the kernel's build
 * directory, and modules.symbols of the installed modules. A symbol that none of them has is left out.
 */
export async function findOrigins(symbols: ReadonlySet<string>, place: ModulePlace): Promise<SymbolOrigins> {
  const origins = new Map<string, SymbolOrigin>();
  const sources: string[] = [];
  const directory = moduleDirectory(place);
  for (const path of await symversFiles(place, directory)) {
    const text = await readText(path, SYMVERS);
    if (text !== undefined) {
      const found = await inSlices(findInSymvers(text, symbols));
      for (const [symbol, { exporter, crc }] of found) {
        origins.set(symbol, { exporter, crc });
      }
      sources.push(path);
    }
  }
  const path = directory?.('modules.symbols');
  const text = path === undefined ? undefined : await readText(path, MODULE_INDEX);
  if (path !== undefined && text !== undefined) {
    const missing = new Set([...symbols].filter((symbol) => !origins.has(symbol)));
    const found = await inSlices(findInModulesSymbols(text, missing));
    for (const [symbol, exporter] of found) {
      origins.set(symbol, { exporter });
    }
    if (found.size > 0 || sources.length === 0) {
      sources.push(path);
    }
  }
  return { origins, sources };
}

/**
 * Who exports the symbols on a target, by what depmod wrote there. It tells of modules alone: what none of them exports
 * is the kernel's own, or the module could not be loaded.
 */
export function findOriginsIn(tree: ModuleTree, symbols: ReadonlySet<string>, target: string): SymbolOrigins {
  const origins = new Map<string, SymbolOrigin>();
  for (const symbol of symbols) {
    const [exporter] = tree.exportersOf(symbol);
    if (exporter !== undefined) {
      origins.set(symbol, { exporter });
    }
  }
  return { origins, sources: [`modules.symbols of ${target}`], rest: 'the kernel' };
}

async function symversFiles(
  { file, release, kernelDirectory }: ModulePlace,
  directory: ModuleDirectory | undefined,
): Promise<string[]> {
  const paths = [join(dirname(file), 'Module.symvers')];
  if (kernelDirectory !== undefined && (await kernelRelease(kernelDirectory)) === release) {
    paths.push(join(kernelDirectory, 'Module.symvers'));
  } else {
    const built = directory?.('build/Module.symvers');
    if (built !== undefined) paths.push(built);
  }
  return paths;
}

const kernelRelease = async (directory: string): Promise<string | undefined> =>
  (await readText(join(directory, 'include/config/kernel.release'), SHORT_TEXT))?.trim();

/** The file of a module that another one needs: beside it, or installed for the same kernel. */
export async function findNeededModule(name: string, place: ModulePlace): Promise<string | undefined> {
  // Names come out of files, and become paths here.
  if (!isModuleName(name)) {
    return undefined;
  }
  const module = normalizeModuleName(name);
  for (const spelling of new Set([name, module, module.replaceAll('_', '-')])) {
    const beside = join(dirname(place.file), `${spelling}.ko`);
    if (await isThere(beside)) {
      return beside;
    }
  }
  const directory = moduleDirectory(place);
  const table = directory?.('modules.dep');
  const text = table === undefined ? undefined : await readText(table, MODULE_INDEX);
  const line = (await inSlices(readModulesDep(text ?? ''))).get(module);
  return line === undefined ? undefined : directory?.(line.slice(0, line.indexOf(':')));
}

const readText = (path: string, limit: number): Promise<string | undefined> =>
  readTextFile(path, limit).catch(() => undefined);

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
