import { Budget, BudgetError } from '../budget';
import { moduleInfoOfEntries, parseEntry, type ModinfoEntry, type ModuleInfo } from '../modinfo';
import { moduleNameOfPath, normalizeModuleName } from '../name';
import { finish, type Steps } from '../steps';
import { decodeText, linesOf } from '../text';

/** A full kernel has 30,000 aliases, and no other file of its tree has as many lines. */
const MAX_LINES = 1 << 18;

/** modules.dep has the longest: of a module that needs a hundred others some kilobytes. Characters. */
const MAX_LINE = 1 << 20;

/** How many lines are read in one step. */
const LINES_A_STEP = 256;

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

/** Throws BudgetError where a file has more lines, or longer ones, than any kernel's. */
export function* checkLines(file: string, text: string): Steps<void> {
  const budget = new Budget(MAX_LINES, `${file} has more than ${MAX_LINES} lines, as no kernel's has`);
  for (let start = 0, count = 1; start < text.length; count++) {
    budget.spend();
    const end = text.indexOf('\n', start);
    const next = end < 0 ? text.length : end + 1;
    if (next - start > MAX_LINE) {
      throw new BudgetError(`${file} has a line of more than ${MAX_LINE} characters, as no kernel's has`);
    }
    start = next;
    if (count % LINES_A_STEP === 0) yield;
  }
}

/** modules.dep (depmod(8)): the lines, by module name, in depmod's order. */
export const parseModulesDep = (text: string): Map<string, string> => finish(readModulesDep(text));

/** The same in steps. */
export function* readModulesDep(text: string): Steps<Map<string, string>> {
  const lines = new Map<string, string>();
  let count = 0;
  for (const line of contentLines(text)) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(moduleNameOfPath(line.slice(0, colon)), line);
    if (++count % LINES_A_STEP === 0) yield;
  }
  return lines;
}

/** modules.builtin: the paths of the modules that are part of the kernel image, by module name. */
export const parseModulesBuiltin = (text: string): Map<string, string> => finish(readModulesBuiltin(text));

/** The same in steps. */
export function* readModulesBuiltin(text: string): Steps<Map<string, string>> {
  const paths = new Map<string, string>();
  let count = 0;
  for (const path of contentLines(text)) {
    paths.set(moduleNameOfPath(path), path);
    if (++count % LINES_A_STEP === 0) yield;
  }
  return paths;
}

/**
 * modules.builtin.modinfo: NUL-terminated `module.key=value` strings, those of a module together. Where two modules
 * have one name, as on arm64 two called arm_cci, the first counts, as it does for kmod.
 * @throws BudgetError
 */
export const parseModulesBuiltinModinfo = (bytes: Uint8Array): Map<string, ModuleInfo> =>
  finish(readModulesBuiltinModinfo(bytes));

/** The same in steps. */
export function* readModulesBuiltinModinfo(bytes: Uint8Array): Steps<Map<string, ModuleInfo>> {
  const budget = new Budget(MAX_LINES, `modules.builtin.modinfo has more than ${MAX_LINES} strings`);
  const entries = new Map<string, ModinfoEntry[]>();
  let last: string | undefined;
  for (let start = 0, count = 1; start < bytes.length; count++) {
    budget.spend();
    const nul = bytes.indexOf(0, start);
    const end = nul < 0 ? bytes.length : nul;
    if (end - start > MAX_LINE) {
      throw new BudgetError(`modules.builtin.modinfo has a string of more than ${MAX_LINE} bytes`);
    }
    const text = decodeText(bytes.subarray(start, end));
    start = end + 1;
    if (count % LINES_A_STEP === 0) yield;
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
  const infos = new Map<string, ModuleInfo>();
  for (const [name, ofModule] of entries) {
    infos.set(normalizeModuleName(name), moduleInfoOfEntries(ofModule, name));
    if (infos.size % LINES_A_STEP === 0) yield;
  }
  return infos;
}

/** modules.alias and modules.symbols: `alias PATTERN MODULE` lines. */
export const parseModulesAlias = (text: string): ModuleAlias[] => finish(readModulesAlias(text));

/**
 * The same in steps.
 * @param isWanted of a line: the others are not taken apart
 */
export function* readModulesAlias(
  text: string,
  isWanted: (line: string) => boolean = () => true,
): Steps<ModuleAlias[]> {
  const aliases: ModuleAlias[] = [];
  let count = 0;
  for (const line of contentLines(text)) {
    if (++count % LINES_A_STEP === 0) yield;
    if (!isWanted(line)) continue;
    const [, pattern, module] = /^\s*alias\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (pattern !== undefined && module !== undefined) {
      aliases.push({ pattern, module: normalizeModuleName(module) });
    }
  }
  return aliases;
}

/** modules.softdep: `softdep MODULE pre: NAMES post: NAMES` lines; names before the first section count for none. */
export function* parseModulesSoftdep(text: string): Generator<Softdep, undefined> {
  for (const line of contentLines(text)) {
    const [keyword, module, ...rest] = words(line);
    if (keyword !== 'softdep' || module === undefined) continue;
    const sections = { 'pre:': [] as string[], 'post:': [] as string[] };
    let section: string[] | undefined;
    for (const word of rest) {
      if (word === 'pre:' || word === 'post:') {
        section = sections[word];
      } else {
        section?.push(word);
      }
    }
    yield { module: normalizeModuleName(module), pre: sections['pre:'], post: sections['post:'] };
  }
}

/** modules.weakdep: `weakdep MODULE NAMES` lines (kmod 33). */
export function* parseModulesWeakdep(text: string): Generator<Weakdep, undefined> {
  for (const line of contentLines(text)) {
    const [keyword, module, ...names] = words(line);
    if (keyword === 'weakdep' && module !== undefined) yield { module: normalizeModuleName(module), names };
  }
}

/** modules.devname: `MODULE PATH c10:229` lines. */
export function* parseModulesDevname(text: string): Generator<DeviceNode, undefined> {
  for (const line of contentLines(text)) {
    const [module, path, device = ''] = words(line);
    if (module !== undefined && path !== undefined && /^[bc]\d+:\d+$/.test(device)) {
      yield { module: normalizeModuleName(module), path, device };
    }
  }
}

function* contentLines(text: string): Generator<string, undefined> {
  for (const line of linesOf(text)) {
    if (line !== '' && line[0] !== '#') yield line;
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
