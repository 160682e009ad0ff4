import { randomUUID } from 'node:crypto';
import { configurationDirectories, kernelConfigurationFiles, NEWEST_KMOD } from '../../kmod/config/versions';
import type { DirectoryEntry } from '../../kmod/config/configurationFiles';
import { BUSYBOX_CONFIGURATION, TEXT_TABLES } from '../../kmod/config/busybox';
import { INDEX_FILES } from '../../kmod/tree/moduleTables';
import { decodeText } from '../../kmod/text';
import { script } from '../targets/script';
import type { Command } from './command';
import { parseProcModules } from './procModules';

/** What a target's modprobe goes by. Files are as the target has them: hostile, perhaps, and bounded in all. */
export interface ModprobeSystem {
  /** What `modprobe --version` prints, three lines at most; '' when there is no modprobe. */
  readonly version: string;
  /** Those that are there, by their paths; undefined: one that the login can not read. */
  readonly directories: ReadonlyMap<string, readonly DirectoryEntry[] | undefined>;
  readonly files: ReadonlyMap<string, Buffer>;
  /** Files that are there, and that the login can not read. */
  readonly unreadable: readonly string[];
  /** The module files below /lib/modules/RELEASE, relative; undefined: the target has no `find`. */
  readonly moduleFiles: readonly string[] | undefined;
  /** The names of modules that are live. */
  readonly loaded: readonly string[];
}

/** The answer of a target has no end, or is none: its shell lacks something, or was ended. */
export class ModprobeSystemError extends Error {
  override readonly name = 'ModprobeSystemError';
  constructor() {
    super('the target did not tell all of what its modprobe goes by');
  }
}

/** The indexes of the largest distribution kernels come to 5 MiB. */
const MAX_BYTES = 64 << 20;

/** A slow line needs its time. Milliseconds. */
const TIME_LIMIT = 120_000;

const PROC_MODULES = '/proc/modules';

/**
 * Every part begins with a line end and a mark that no file can hold, as it is drawn for this one run: so a file
 * may hold anything, and change while it is read. FIFOs and devices are not read: they may have no end.
 */
const SCRIPT = String.raw`mark=$1; kernel=$2; shift 2
put() { printf '\n%s %s %s\0' "$mark" "$1" "$2"; }
file() {
  if [ ! -r "$1" ]; then put unreadable "$1"
  else put file "$1"; if [ -f "$1" ]; then cat "$1"; fi
  fi
}
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
version=$(if command -v modprobe >/dev/null; then modprobe --version 2>&1 </dev/null | head -n 3; fi)
put version
printf %s "$version"
case $version in
  kmod*) names="${INDEX_FILES.join(' ')}";;
  *) names="${TEXT_TABLES.join(' ')}";;
esac
[ -z "$kernel" ] || for name in $names; do set -- "$@" "$kernel/$name"; done
for path; do
  if [ -d "$path" ]; then
    if [ -r "$path" ] && [ -x "$path" ]; then put directory "$path"; else put closed "$path"; continue; fi
    for entry in "$path"/*; do
      if [ -d "$entry" ]; then put subdirectory "$entry"
      elif [ -e "$entry" ]; then
        case $entry in *.conf|*.alias) file "$entry";; *) put other "$entry";; esac
      elif [ -L "$entry" ]; then put dangling "$entry"
      fi
    done
  elif [ -e "$path" ]; then file "$path"
  fi
done
if [ -n "$kernel" ] && command -v find >/dev/null && cd "$kernel" 2>/dev/null; then put modules; find . -name '*.ko*'; fi
put end`;

/**
 * Reads all that modprobe goes by, in one command.
 * @param release undefined: the configuration alone is read, and nothing below /lib/modules
 * @throws ModprobeSystemError
 */
export function readModprobeSystem(release: string | undefined): Command<ModprobeSystem> {
  const kernel = release === undefined ? '' : `/lib/modules/${release}`;
  const mark = randomUUID();
  const paths = [
    BUSYBOX_CONFIGURATION,
    ...configurationDirectories(NEWEST_KMOD),
    '/proc/cmdline',
    PROC_MODULES,
    ...(release === undefined
      ? []
      : kernelConfigurationFiles(NEWEST_KMOD).map((name) => `${kernel}/${name}`)),
  ];
  return {
    argv: script(SCRIPT, [mark, kernel, ...paths]),
    timeoutMs: TIME_LIMIT,
    maxOutputBytes: MAX_BYTES,
    parse: ({ stdout }) => systemOf(partsOf(stdout, mark)),
  };
}

interface Part {
  readonly kind: string;
  readonly path: string;
  readonly bytes: Buffer;
}

function partsOf(output: Buffer, mark: string): Part[] {
  const parts: Part[] = [];
  const opening = `\n${mark} `;
  for (let at = output.indexOf(opening); at >= 0;) {
    const head = at + opening.length;
    const start = output.indexOf(0, head) + 1;
    if (start === 0) throw new ModprobeSystemError();
    const next = output.indexOf(opening, start);
    const words = decodeText(output.subarray(head, start - 1));
    const blank = words.indexOf(' ');
    const bytes = output.subarray(start, next < 0 ? output.length : next);
    parts.push({ kind: words.slice(0, blank), path: words.slice(blank + 1), bytes });
    at = next;
  }
  if (parts.at(-1)?.kind !== 'end') throw new ModprobeSystemError();
  return parts;
}

const ENTRIES: ReadonlyMap<string, DirectoryEntry['kind']> = new Map<string, DirectoryEntry['kind']>([
  ['file', 'file'],
  ['other', 'file'],
  ['unreadable', 'file'],
  ['subdirectory', 'directory'],
  ['dangling', 'missing'],
]);

function systemOf(parts: readonly Part[]): ModprobeSystem {
  const of = (kind: string) => parts.filter((part) => part.kind === kind);
  const linesOf = (kind: string) =>
    of(kind)[0]
      ?.bytes.toString()
      .split('\n')
      .filter((line) => line !== '');
  const files = new Map(of('file').map(({ path, bytes }) => [path, bytes]));
  const entries = new Map<string, DirectoryEntry[]>();
  for (const { kind, path } of parts) {
    const slash = path.lastIndexOf('/');
    const entry = ENTRIES.get(kind);
    if (entry !== undefined) {
      const directory = path.slice(0, slash);
      const others = entries.get(directory) ?? [];
      others.push({ name: path.slice(slash + 1), kind: entry });
      entries.set(directory, others);
    }
  }
  const loaded = parseProcModules(files.get(PROC_MODULES)?.toString('latin1') ?? '', () => undefined);
  return {
    version: of('version')[0]?.bytes.toString() ?? '',
    directories: new Map([
      ...of('directory').map(({ path }) => [path, entries.get(path) ?? []] as const),
      ...of('closed').map(({ path }) => [path, undefined] as const),
    ]),
    files,
    unreadable: of('unreadable').map(({ path }) => path),
    moduleFiles: linesOf('modules')?.map((path) => path.replace(/^\.\//, '')),
    loaded: loaded.filter(({ state }) => state === 'live').map(({ name }) => name),
  };
}
