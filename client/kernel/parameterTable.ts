import { randomUUID } from 'node:crypto';
import { inSlices } from '../../engine/base/slices';
import { Budget } from '../../kmod/budget';
import { mergeParameters, parseEntry, type ModinfoEntry } from '../../kmod/modinfo';
import { parameterText } from '../../kmod/modinfoText';
import { moduleNameOfPath } from '../../kmod/name';
import type { Steps } from '../../kmod/steps';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { ParameterTable } from '../../kmod/tree/search';
import { script } from '../targets/script';
import type { Command } from './command';
import { scanModules } from './moduleScan';
import { unpack } from './targetTree';

/** Thousands of files on a slow disk. Milliseconds. */
const TIME_LIMIT = 300_000;

/** A full kernel's modules have some 20,000 files and parameters. */
const MAX_LINES = 1 << 20;
const LINES_A_STEP = 256;
const LINE_FEED = 0x0a;

/**
 * A line for each file and each of its parameters; a line end in a description is a \1. kmod's modinfo takes all
 * files at once. Where it is not there, the strings are taken out of the files, if these are not compressed; a mark
 * that no file can hold, as it is drawn for this one run, stands in front of each.
 * BusyBox's xargs would run BusyBox's modinfo, which tells less, if it were not told where the other is.
 * The zeros of a file are empty lines, which tr drops, and a search for words leaves little for that for patterns:
 * BusyBox takes a third of the time that it takes with the patterns alone.
 */
const SCRIPT = String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/sbin:/sbin"
mark=$2; cd "/lib/modules/$1" 2>/dev/null && [ -f modules.dep ] || exit 0
tool=$(command -v modinfo)
list() {
  if "$tool" --version 2>/dev/null | grep -q '^kmod'; then
    cut -d: -f1 modules.dep | xargs "$tool" -0 2>/dev/null
  else
    while IFS=: read -r file rest; do
      printf '\0%s%s\0' "$mark" "$file"
      if [ -f "$file" ]; then cat "$file"; fi
    done <modules.dep
  fi | tr '\n\0' '\001\n' | tr -s '\n' | grep -F -e 'filename:  ' -e "$mark" -e parm |
    grep -E "^(filename:  |$mark|parm:|parm=|parmtype=)"
}
if command -v gzip >/dev/null; then list | gzip -c; else list; fi`;

/** The parameters of all modules of a target, in one command that reads all their files. */
export function readParameterTable(release: string): Command<Promise<ParameterTable>> {
  const mark = `${randomUUID()}:`;
  return {
    argv: script(SCRIPT, [release, mark]),
    timeoutMs: TIME_LIMIT,
    parse: async ({ stdout }) => inSlices(parseTable(await unpack(stdout), mark)),
  };
}

function* parseTable(bytes: Buffer, mark: string): Steps<ParameterTable> {
  const budget = new Budget(MAX_LINES, `the target told more than ${MAX_LINES} lines of its modules`);
  const table = new Map<string, { readonly printed: string[]; readonly strings: ModinfoEntry[] }>();
  let current = { printed: [] as string[], strings: [] as ModinfoEntry[] };
  for (let start = 0, count = 1; start < bytes.length; count++) {
    budget.spend();
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.toString('utf8', start, end);
    start = end + 1;
    if (count % LINES_A_STEP === 0) yield;
    const text = line.replaceAll('\u0001', '\n');
    const file = line.startsWith(mark) ? line.slice(mark.length) : /^filename: {2,}(.+)/.exec(line)?.[1];
    const [, parameter] = /^parm: *(.*)/s.exec(text) ?? [];
    if (file !== undefined) {
      current = { printed: [], strings: [] };
      table.set(moduleNameOfPath(file), current);
    } else if (parameter !== undefined) {
      current.printed.push(parameter);
    } else if (line !== '') {
      current.strings.push(parseEntry(text));
    }
  }
  return new Map(
    Array.from(table, ([name, { printed, strings }]) => [
      name,
      // modinfo prints the last one first.
      [...printed.reverse(), ...mergeParameters(strings).map(parameterText)],
    ]),
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
  const files = tree.names.flatMap((name) => {
    const file = fileOf(name);
    return file === undefined ? [] : [[name, file] as const];
  });
  const index = await scanModules(files, onUnreadable, signal);
  const table = new Map<string, readonly string[]>();
  for (const name of index.names) {
    try {
      table.set(name, mergeParameters(index.entries(name)).map(parameterText));
    } catch (error) {
      onUnreadable(fileOf(name) ?? name, error);
    }
  }
  return table;
}
