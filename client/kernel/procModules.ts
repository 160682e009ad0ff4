import { isModuleName } from '../../kmod/name';
import { LONGEST_LINE } from '../../kmod/text';

/** A loaded module, as one line of /proc/modules tells it (m_show() in kernel/module/procfs.c). */
export interface LoadedModule {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Undefined on a kernel without CONFIG_MODULE_UNLOAD. */
  readonly references: number | undefined;
  /** The modules that depend on it. */
  readonly usedBy: readonly string[];
  /** It has no exit function, so that it can not be unloaded. */
  readonly permanent: boolean;
  readonly state: ModuleState;
  /** Its taints as letters, for example "OE"; empty when there are none. */
  readonly taints: string;
}

/** "loading": its init has not returned (or died); "unloading": its exit has not. */
type ModuleState = 'live' | 'loading' | 'unloading';

const STATES: ReadonlyMap<string, ModuleState> = new Map([
  ['Live', 'live'],
  ['Loading', 'loading'],
  ['Unloading', 'unloading'],
]);

/** Among the users of a module that has no exit function. */
const PERMANENT = '[permanent]';

/** While a module's exit function runs, its references are -1. */
const LINE = /^(\w+) (\d{1,15}) (-?\d{1,15}|-) (\S+) (Live|Loading|Unloading)\b(?:.*\(([A-Z+-]*)\))?/;

/** Lines, and names of users in all of them: far more than a kernel has, and read in the time of a few frames. */
const MOST_LINES = 10_000;
const MOST_USERS = 20_000;

/** The text of /proc/modules. Never throws: a line that is none of a module is handed to `onDropped`. */
export function parseProcModules(text: string, onDropped: (line: string) => void): LoadedModule[] {
  const lines = text.split('\n', MOST_LINES + 1);
  if (lines.length > MOST_LINES) {
    lines.pop();
    onDropped(`there are more than ${MOST_LINES} lines: the others are not read`);
  }
  let users = 0;
  return lines.flatMap((line) => {
    const module = users > MOST_USERS || line.length > LONGEST_LINE ? undefined : parseLine(line);
    users += module?.usedBy.length ?? 0;
    if (module === undefined && line !== '') {
      onDropped(line.slice(0, LONGEST_LINE));
    }
    return module ?? [];
  });
}

/** The target's kernel does not tell what it has loaded. */
export class NoModulesError extends Error {
  override readonly name = 'NoModulesError';
  constructor() {
    super('This kernel has no loadable modules (CONFIG_MODULES is off): there is no /proc/modules.');
  }
}

/** As shell: /proc/modules, or `?` where the kernel has none. */
export const READ_PROC_MODULES = `cat /proc/modules 2>/dev/null || echo '?'`;

/** Prints /proc/modules as a part of a longer output, for splitProcModules: it has no empty line. */
export const PRINT_PROC_MODULES = `${READ_PROC_MODULES}; echo`;

/** What PRINT_PROC_MODULES printed, and the output after it. @throws NoModulesError */
export function splitProcModules(output: string): [modules: LoadedModule[], rest: string] {
  const end = output.startsWith('\n') ? 0 : output.indexOf('\n\n') + 1;
  const text = output.slice(0, end);
  if (text === '?\n') {
    throw new NoModulesError();
  }
  return [parseProcModules(text, () => undefined), output.slice(end + 1)];
}

function parseLine(line: string): LoadedModule | undefined {
  const [, name, size, references, users, stateWord, taints] = LINE.exec(line) ?? [];
  const state = STATES.get(stateWord ?? '');
  if (name === undefined || users === undefined || state === undefined) {
    return undefined;
  }
  const words = users.split(',').filter((word) => word !== '' && word !== '-');
  if (![name, ...words].every((word) => word === PERMANENT || isModuleName(word))) {
    return undefined;
  }
  return {
    name,
    size: Number(size),
    references: references === '-' ? undefined : Math.max(0, Number(references)),
    usedBy: words.filter((word) => word !== PERMANENT),
    permanent: words.includes(PERMANENT),
    state,
    taints: taints ?? '',
  };
}
