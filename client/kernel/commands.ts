import { isModuleName, normalizeModuleName } from '../../kmod/name';
import { parseModulesBuiltin } from '../../kmod/tree/parse';
import { SAFE, TEMPORARY_DIRECTORIES } from '../targets/safeDirectory';
import { script } from '../targets/script';
import { CommandFailedError, type Command } from './command';
import { insmodArgument, modprobeArgument } from './parameterArgument';
import {
  NoModulesError,
  PRINT_PROC_MODULES,
  parseProcModules,
  splitProcModules,
  type LoadedModule,
} from './procModules';

/** What changes the kernel's modules may take this long: init functions probe hardware. Milliseconds. */
const MODULE_TIME_LIMIT = 60_000;

/** A word is no module's name; it never reaches a command line. */
class ModuleNameError extends Error {
  override readonly name = 'ModuleNameError';
  constructor(text: string) {
    super(`${JSON.stringify(text)} is no module name`);
  }
}

/** @throws ModuleNameError: a name that could be read as an option, a path or shell text */
export function checkedModuleName(text: string): string {
  if (!isModuleName(text)) {
    throw new ModuleNameError(text);
  }
  return text;
}

/** Exit codes are for the workflows to judge, with what the kernel says. */
const ANY_EXIT = Array.from({ length: 256 }, (_, code) => code);

/** How a module tool ended. */
export interface ToolResult {
  readonly argv: readonly string[];
  readonly exitCode: number;
  readonly stderr: string;
}

/** A tool that changes the kernel, as root; how it ended is for the workflow to judge. */
export function tool(argv: readonly string[]): Command<ToolResult> {
  return {
    argv,
    asRoot: true,
    timeoutMs: MODULE_TIME_LIMIT,
    accepts: ANY_EXIT,
    parse: ({ exitCode, stderr }) => ({ argv, exitCode: exitCode ?? -1, stderr: stderr.trim() }),
  };
}

/** Loads a file of the target. `parameters`: `name=value`. @throws ParameterError */
export function insmod(path: string, parameters: readonly string[]): Command<ToolResult> {
  return tool(['insmod', absolute(path), ...parameters.map(insmodArgument)]);
}

/** @throws ModuleNameError */
export function rmmod(name: string): Command<ToolResult> {
  return tool(['rmmod', checkedModuleName(name)]);
}

/** Loads an installed module with what it depends on. @throws ModuleNameError, ParameterError */
export function modprobe(name: string, parameters: readonly string[] = []): Command<ToolResult> {
  return tool(['modprobe', checkedModuleName(name), ...parameters.map(modprobeArgument)]);
}

/** Unloads a module, and what it alone depended on. @throws ModuleNameError */
export function modprobeRemove(name: string): Command<ToolResult> {
  return tool(['modprobe', '-r', checkedModuleName(name)]);
}

/** The loaded modules. A line that is none of a module is left out, and handed to `onDropped`. @throws NoModulesError */
export function listModules(onDropped: (line: string) => void = () => undefined): Command<LoadedModule[]> {
  const argv = ['cat', '/proc/modules'];
  return {
    argv,
    accepts: [0, 1],
    parse: (result) => {
      if (result.exitCode !== 0) {
        throw /No such file/.test(result.stderr)
          ? new NoModulesError()
          : new CommandFailedError(argv, result);
      }
      return parseProcModules(result.stdout.toString('latin1'), onDropped);
    },
  };
}

/** A file of the target; undefined: there is none, or it can not be read. */
export function readFile(path: string): Command<Buffer | undefined> {
  return {
    argv: ['cat', absolute(path)],
    accepts: [0, 1],
    parse: ({ exitCode, stdout }) => (exitCode === 0 ? stdout : undefined),
  };
}

/** Removes a file of the target, if it is there. */
export function removeFile(path: string): Command<void> {
  return { argv: ['rm', '-f', absolute(path)], timeoutMs: 10_000, parse: () => undefined };
}

/** Bytes. */
const LARGE = 128 * 1024;

/** What a load has to know of a target. */
export interface Situation {
  /** Where a file can be written to; undefined: nowhere. */
  readonly directory: string | undefined;
  /** Kilobytes that fit there; undefined: not known. */
  readonly free: number | undefined;
  /** The pid of a process of the target that lives as long as the connection. */
  readonly owner: number;
  /** It has gzip. */
  readonly unpacks: boolean;
  readonly modules: readonly LoadedModule[];
  /** The modules that are part of the kernel itself; undefined: not known. */
  readonly builtin: ReadonlySet<string> | undefined;
}

/**
 * All of it in one command: each round trip is a delay that a person feels.
 * @param size of the file that is to be written, bytes. Whether there is room for a small one is told as soon by
 *   writing it: df is asked for a large one only.
 */
export function readSituation(release: string, size: number): Command<Situation> {
  return {
    argv: script(
      `${SAFE}
b=$1 l=$2; shift 2
read -r _ _ _ owner _ </proc/self/stat; echo "$owner $(command -v gzip)"
for d; do
  safe "$d" || continue
  f=
  if [ "$l" = 1 ]; then
    f=$(df -k "$d" 2>/dev/null | sed -n '$s/.* \\([0-9][0-9]*\\)  *[0-9]*% .*/\\1/p')
  fi
  printf '%s %s' "$f" "$d"
  break
done
echo
${PRINT_PROC_MODULES}
cat "$b" 2>/dev/null || :`,
      [`/lib/modules/${release}/modules.builtin`, size > LARGE ? '1' : '0', ...TEMPORARY_DIRECTORIES],
    ),
    parse: ({ stdout }) => {
      const text = stdout.toString('utf8');
      const [first = '', place = ''] = text.split('\n', 2);
      const [owner, gzip = ''] = first.split(' ');
      const [free = '', directory = ''] = place.split(' ');
      const [modules, builtin] = splitProcModules(text.slice(first.length + place.length + 2));
      return {
        directory: directory === '' ? undefined : directory,
        free: free === '' ? undefined : Number(free),
        owner: Number(owner),
        unpacks: gzip !== '',
        modules,
        builtin: builtin === '' ? undefined : new Set(parseModulesBuiltin(builtin).keys()),
      };
    },
  };
}

/** One parameter of a loaded module, as sysfs shows it. */
export interface ParameterValue {
  readonly name: string;
  /** Without the line end that sysfs adds; undefined when the login may not read it. */
  readonly value: string | undefined;
  /** The permission bits, for example 0o644. */
  readonly mode: number;
}

/**
 * The parameters below /sys/module/NAME/parameters, in one command. Those that are readable by root alone
 * have a value only with `asRoot`.
 * @throws ModuleNameError
 */
export function readParameters(name: string, asRoot = false): Command<ParameterValue[]> {
  return {
    // The x keeps the line ends that $(…) would cut, and a NUL in a value does not get through it.
    argv: script(
      `cd "/sys/module/$1/parameters" 2>/dev/null || exit 0
for p in *; do
  [ -e "$p" ] || continue
  m=$(ls -ln "$p")
  if v=$(cat "$p" 2>/dev/null && printf x); then v="+\${v%x}"; else v=-; fi
  printf '%s\\0%s\\0%s\\0' "$p" "\${m%% *}" "$v"
done`,
      [normalizeModuleName(checkedModuleName(name))],
    ),
    asRoot,
    reads: true,
    parse: ({ stdout }) => {
      const fields = stdout.toString('utf8').split('\0');
      const values: ParameterValue[] = [];
      for (let index = 0; index + 2 < fields.length; index += 3) {
        const [parameter, mode, value] = fields.slice(index, index + 3);
        if (parameter !== undefined && mode !== undefined && value !== undefined) {
          values.push({ name: parameter, value: valueOf(value), mode: permissions(mode) });
        }
      }
      return values;
    },
  };
}

const valueOf = (field: string): string | undefined =>
  field.startsWith('+') ? field.slice(1).replace(/\n$/, '') : undefined;

/** "-rw-r--r--" -> 0o644 */
function permissions(text: string): number {
  const bits = text.slice(1, 10).padEnd(9, '-');
  return [...bits].reduce((mode, bit) => mode * 2 + (bit === '-' ? 0 : 1), 0);
}

/** Where sysfs keeps the value of a loaded module's parameter. @throws ModuleNameError */
export const parameterFile = (module: string, parameter: string): string =>
  `/sys/module/${normalizeModuleName(checkedModuleName(module))}/parameters/${parameter}`;

/** Where sysfs keeps a loaded module's build-id. @throws ModuleNameError */
export const buildIdFile = (name: string): string =>
  `/sys/module/${normalizeModuleName(checkedModuleName(name))}/notes/.note.gnu.build-id`;

/**
 * The GNU build-ids of loaded modules, as lower-case hex by module name, in one command; a module without
 * one is left out.
 * @throws ModuleNameError
 */
export function readBuildIds(names: readonly string[]): Command<Map<string, string>> {
  return {
    argv: script(
      'while [ $# != 0 ]; do if [ -r "$2" ]; then echo "$1"; cat "$2"; fi; shift 2; done',
      names.flatMap((name) => [normalizeModuleName(name), buildIdFile(name)]),
    ),
    parse: ({ stdout }) => parseBuildIds(stdout),
  };
}

/** "name\n", then an ELF note: three words (sizes and type), the owner "GNU\0", the id. A note tells its own length. */
function parseBuildIds(bytes: Buffer): Map<string, string> {
  const ids = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const note = bytes.indexOf('\n', at) + 1;
    if (note === 0 || note + 16 > bytes.length) {
      break;
    }
    // The id is at most a few dozen bytes long: the order in which its size is small is the target's.
    const little = bytes.readUInt32LE(note + 4);
    const size = little < 0x1_0000 ? little : bytes.readUInt32BE(note + 4);
    const end = note + 16 + size;
    if (end > bytes.length || bytes.toString('latin1', note + 12, note + 15) !== 'GNU') {
      break;
    }
    ids.set(bytes.toString('latin1', at, note - 1), bytes.toString('hex', note + 16, end));
    at = note + 16 + Math.ceil(size / 4) * 4;
  }
  return ids;
}

function absolute(path: string): string {
  if (!path.startsWith('/')) {
    throw new Error(`${JSON.stringify(path)} is no absolute path`);
  }
  return path;
}
