import { moduleInfoOfEntries, parseEntry, splitAtNul, type ModinfoEntry, type ModuleInfo } from '../modinfo';
import { moduleNameOfPath, normalizeModuleName } from '../name';
import { decodeText } from '../text';

/** A line of modules.dep. Paths are relative to /lib/modules/RELEASE, or absolute for modules outside of it. */
export interface ModuleDependencies {
  readonly path: string;
  /** The paths of all modules it needs, the needs of these included, as depmod orders them. */
  readonly dependencies: readonly string[];
}

export interface ModuleAlias {
  /** A pattern of fnmatch(3). */
  readonly pattern: string;
  readonly module: string;
}

export interface Softdep {
  readonly module: string;
  readonly pre: readonly string[];
  readonly post: readonly string[];
}

/** modules.dep (depmod(8)), by module name. */
export function parseModulesDep(text: string): Map<string, ModuleDependencies> {
  const modules = new Map<string, ModuleDependencies>();
  for (const line of contentLines(text)) {
    const colon = line.indexOf(':');
    if (colon > 0) {
      const path = line.slice(0, colon);
      modules.set(moduleNameOfPath(path), { path, dependencies: words(line.slice(colon + 1)) });
    }
  }
  return modules;
}

/** modules.builtin: the names of the modules that are part of the kernel image. */
export function parseModulesBuiltin(text: string): Set<string> {
  return new Set(contentLines(text).map(moduleNameOfPath));
}

/**
 * modules.builtin.modinfo: NUL-terminated `module.key=value` strings, those of a module together. Where two modules
 * have one name, as on arm64 two called arm_cci, the first counts, as it does for kmod.
 */
export function parseModulesBuiltinModinfo(bytes: Uint8Array): Map<string, ModuleInfo> {
  const entries = new Map<string, ModinfoEntry[]>();
  let last: string | undefined;
  for (const text of splitAtNul(decodeText(bytes))) {
    const dot = text.indexOf('.');
    if (dot <= 0) continue;
    const name = text.slice(0, dot);
    const entry = parseEntry(text.slice(dot + 1));
    if (name === last) {
      entries.get(name)?.push(entry);
    } else if (!entries.has(name)) {
      entries.set(name, [entry]);
      last = name;
    } else {
      last = undefined;
    }
  }
  return new Map(
    Array.from(entries, ([name, ofModule]) => [
      normalizeModuleName(name),
      moduleInfoOfEntries(ofModule, name),
    ]),
  );
}

/** modules.alias: `alias PATTERN MODULE` lines. */
export function parseModulesAlias(text: string): ModuleAlias[] {
  return contentLines(text).flatMap((line) => {
    const [keyword, pattern, module] = words(line);
    return keyword === 'alias' && pattern !== undefined && module !== undefined
      ? [{ pattern, module: normalizeModuleName(module) }]
      : [];
  });
}

/** modules.softdep: `softdep MODULE pre: NAMES post: NAMES` lines; names before the first section count for none. */
export function parseModulesSoftdep(text: string): Softdep[] {
  return contentLines(text).flatMap((line) => {
    const [keyword, module, ...rest] = words(line);
    if (keyword !== 'softdep' || module === undefined) {
      return [];
    }
    const sections = { 'pre:': [] as string[], 'post:': [] as string[] };
    let section: string[] | undefined;
    for (const word of rest) {
      if (word === 'pre:' || word === 'post:') {
        section = sections[word];
      } else {
        section?.push(word);
      }
    }
    return [{ module: normalizeModuleName(module), pre: sections['pre:'], post: sections['post:'] }];
  });
}

/**
 * The paths of a module and of all that it needs, in the order in which modprobe inserts them: the module
 * itself is last. modules.dep is transitive already, and lists what is needed first last. Undefined: no such module.
 */
export function loadOrder(
  modules: ReadonlyMap<string, ModuleDependencies>,
  name: string,
): string[] | undefined {
  const module = modules.get(normalizeModuleName(name));
  return module && [...module.dependencies.toReversed(), module.path];
}

function contentLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
