import { moduleInfoOfEntries, parseEntry, splitAtNul, type ModinfoEntry, type ModuleInfo } from '../modinfo';
import { moduleNameOfPath, normalizeModuleName } from '../name';
import { decodeText } from '../text';

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

export interface Weakdep {
  readonly module: string;
  readonly names: readonly string[];
}

/** A node below /dev that a module stands behind: opening it loads the module. */
export interface DeviceNode {
  readonly module: string;
  /** Relative to /dev. */
  readonly path: string;
  /** `c10:229`: a character or block device, its major and minor number. */
  readonly device: string;
}

/** modules.dep (depmod(8)): the lines, by module name, in depmod's order. */
export function parseModulesDep(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of contentLines(text)) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(moduleNameOfPath(line.slice(0, colon)), line);
  }
  return lines;
}

/** modules.builtin: the paths of the modules that are part of the kernel image, by module name. */
export function parseModulesBuiltin(text: string): Map<string, string> {
  return new Map(contentLines(text).map((path) => [moduleNameOfPath(path), path]));
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

/**
 * modules.alias and modules.symbols: `alias PATTERN MODULE` lines.
 * @param isWanted of a line: the others are not taken apart
 */
export function parseModulesAlias(
  text: string,
  isWanted: (line: string) => boolean = () => true,
): ModuleAlias[] {
  return contentLines(text).flatMap((line) => {
    if (!isWanted(line)) return [];
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

/** modules.weakdep: `weakdep MODULE NAMES` lines (kmod 33). */
export function parseModulesWeakdep(text: string): Weakdep[] {
  return contentLines(text).flatMap((line) => {
    const [keyword, module, ...names] = words(line);
    return keyword === 'weakdep' && module !== undefined
      ? [{ module: normalizeModuleName(module), names }]
      : [];
  });
}

/** modules.devname: `MODULE PATH c10:229` lines. */
export function parseModulesDevname(text: string): DeviceNode[] {
  return contentLines(text).flatMap((line) => {
    const [module, path, device] = words(line);
    return module !== undefined && path !== undefined && /^[bc]\d+:\d+$/.test(device ?? '')
      ? [{ module: normalizeModuleName(module), path, device: device ?? '' }]
      : [];
  });
}

function contentLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
