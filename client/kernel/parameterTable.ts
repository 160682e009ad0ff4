import { gunzipSync } from 'node:zlib';
import { moduleInfoOfEntries, parseEntry, type ModinfoEntry, type ModuleParameter } from '../../kmod/modinfo';
import { moduleNameOfPath } from '../../kmod/name';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { ParameterTable } from '../../kmod/tree/search';
import type { Command } from './command';
import { script } from './commands';
import { scanModuleFile } from './openModuleFile';

/** Of a distribution's full kernel they come to 1 MiB. */
const MAX_BYTES = 32 << 20;

/** Thousands of files on a slow disk. Milliseconds. */
const TIME_LIMIT = 300_000;

/** Files between two looks at whether the reading was cancelled. */
const BATCH = 64;

/**
 * A line for each file and each of its parameters; a line end in a description is a \1. kmod's modinfo takes all
 * files at once. Where it is not there, the strings are taken out of the files, if these are not compressed.
 */
const SCRIPT = String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/sbin:/sbin"
cd "/lib/modules/$1" 2>/dev/null && [ -f modules.dep ] || exit 0
list() {
  if modinfo --version 2>/dev/null | grep -q '^kmod'; then
    cut -d: -f1 modules.dep | xargs modinfo -0 2>/dev/null | tr '\n\0' '\001\n' | grep -E '^(filename:|parm)'
  else
    while IFS=: read -r file rest; do
      echo "filename:$file"
      [ -f "$file" ] && tr '\n\0' '\001\n' <"$file" | grep -E '^parm(type)?='
    done <modules.dep
  fi
}
if command -v gzip >/dev/null; then list | gzip -c; else list; fi`;

/** The parameters of all modules of a target, in one command that reads all their files. */
export function readParameterTable(release: string): Command<ParameterTable> {
  return {
    argv: script(SCRIPT, [release]),
    timeoutMs: TIME_LIMIT,
    parse: ({ stdout }) =>
      parseTable(
        stdout[0] === 0x1f && stdout[1] === 0x8b
          ? gunzipSync(stdout, { maxOutputLength: MAX_BYTES })
          : stdout,
      ),
  };
}

function parseTable(bytes: Buffer): ParameterTable {
  const entries = new Map<string, ModinfoEntry[]>();
  let current: ModinfoEntry[] = [];
  for (const line of bytes.toString('utf8').split('\n')) {
    const [, file] = /^filename:\s*(.+)/.exec(line) ?? [];
    if (file !== undefined) {
      current = [];
      entries.set(moduleNameOfPath(file), current);
    } else if (line !== '') {
      current.push(parseEntry(line.replaceAll('\u0001', '\n')));
    }
  }
  return new Map(
    Array.from(entries, ([name, ofModule]) => [name, moduleInfoOfEntries(ofModule, name).parameters]),
  );
}

/**
 * The parameters of the modules of this machine or of a sysroot.
 * @param fileOf where the file of a module is; undefined: it has none that may be read
 * @param onUnreadable is told of files that are no modules, which are left out
 * @throws the signal's reason
 */
export async function scanParameterTable(
  tree: ModuleTree,
  fileOf: (name: string) => string | undefined,
  onUnreadable: (file: string, error: unknown) => void,
  signal: AbortSignal,
): Promise<ParameterTable> {
  const table = new Map<string, readonly ModuleParameter[]>();
  for (const [index, name] of tree.names.entries()) {
    if (index % BATCH === 0) {
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
    const file = fileOf(name);
    if (file === undefined) {
      continue;
    }
    try {
      table.set(name, (await scanModuleFile(file)).parameters);
    } catch (error) {
      onUnreadable(file, error);
    }
  }
  return table;
}
