import { checksums, receive } from '../targets/remoteShell';
import { ANSWERED, script } from '../targets/script';
import { SerialQueue } from '../targets/serialQueue';
import type { Target } from '../targets/target';
import { CommandFailedError, execute, type Command } from './command';
import type { ToolResult } from './commands';
import { newMark, parseSinceMark, SINCE_MARK, type KernelLogExcerpt, type KernelLogMark } from './kernelLog';
import { READ_PROC_MODULES, splitProcModules, type LoadedModule } from './procModules';

const queues = new WeakMap<Target, SerialQueue>();

/** Runs workflows of a target one after the other: what one has read stays true until it ends. */
export function exclusively<T>(target: Target, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const queue = queues.get(target) ?? new SerialQueue();
  queues.set(target, queue);
  return queue.run(task, signal);
}

/** What a module tool did, and what the kernel says after it. */
export interface Observation {
  /** Undefined: it did not end by itself; `interruption` says why. */
  readonly tool: ToolResult | undefined;
  /** A time limit, a cancellation, a signal on the target, no root: what the tool did is for the kernel to say. */
  readonly interruption: Error | undefined;
  /** Of a tool with a subject that one alone, if it is loaded. */
  readonly modules: readonly LoadedModule[];
  /** Empty where it was not asked for. */
  readonly log: KernelLogExcerpt;
}

/** A file of the target that is removed after the tool, whatever happens. */
export interface TemporaryFile {
  readonly path: string;
  /** It is written, and verified, before the tool is run; without this it is there already. */
  readonly data?: Uint8Array;
  /** What gzip made of the data, to be sent in its place. */
  readonly packed?: Uint8Array | undefined;
}

/** The one module that a tool is about. */
interface Subject {
  readonly name: string;
  /** What the tool is to make of it. */
  readonly wanted: 'live' | 'gone';
  /** The tool is run only where it is not loaded and these are live. */
  readonly needs?: readonly string[];
}

interface ObserveOptions {
  /** For those who read the kernel log: "insmod hello". */
  readonly what: string;
  readonly file?: TemporaryFile;
  readonly subject?: Subject;
  /** False: the kernel log is read only where the tool failed, or the subject is not as wanted. */
  readonly withLog: boolean;
  readonly signal: AbortSignal;
}

/** The tool was not run: nothing has changed. */
export class NotRunError extends Error {
  override readonly name = 'NotRunError';
}

/**
 * Runs a module tool, once, and reads the kernel's answer whatever became of it, also after a cancellation.
 * @throws NotRunError where the subject is not as told, or its file could not be written; TargetLostError; and what the
 *   reading throws
 */
export async function observe(
  target: Target,
  command: Command<ToolResult>,
  options: ObserveOptions,
): Promise<Observation> {
  const mark = newMark(options.what);
  let interruption: Error;
  try {
    return await execute(target, observed(mark, command, options), options.signal);
  } catch (error) {
    if (error instanceof NotRunError) {
      throw error;
    }
    interruption = error instanceof Error ? error : new Error(String(error));
  }
  if (target.lost.aborted) {
    throw target.lost.reason;
  }
  return { tool: undefined, interruption, ...(await execute(target, aftermath(mark, options))) };
}

/** The shortest that a shell can say it: a line end. */
const LINE_END = `nl='
'`;

/**
 * Adds to $answer the line of /proc/modules of the module $name, and without a name all of it, as splitProcModules
 * reads it. The newest module stands first there, and a shell reads a few bytes in less time than it starts a program.
 */
const READ_MODULES = `
modules=
if [ -z "$name" ] || [ ! -r /proc/modules ]; then
  modules=$(${READ_PROC_MODULES})
elif [ -d "/sys/module/$name" ] || [ ! -d /sys/module ]; then
  while read -r modules; do
    case $modules in "$name "*) break ;; esac
    modules=
  done </proc/modules
fi
answer="$answer\${modules:+$modules$nl}$nl"`;

/** What is asked of the kernel after a tool; $token, $name, $quiet and $code come from what goes before. */
const AFTERMATH = `
${READ_MODULES}
case $quiet$code:$modules in
  live0:*' Live '* | gone0:) ;;
  *) answer=$answer$(${SINCE_MARK}) ;;
esac`;

/** Told in place of a tool's exit code when it was not run. */
const NOT_RUN = 'not as told';

/** Returns from the function that it is in where the subject is not as told. */
const CHECK_NEEDS = `
  [ -d /sys/module ] && [ ! -d "/sys/module/$name" ] || return
  for module in $needs; do
    read -r state <"/sys/module/$module/initstate" && [ "$state" = live ] || return
  done`;

/** Where nothing else can hold its stderr open, it comes with the answer: one packet tells all. */
const RUN_TOOL = {
  alone: 'said=$("$@" 2>&1 >/dev/null)',
  withOthers: '{ "$@" >/dev/null 3>&-; } 2>&3',
};

/** The tool and its aftermath as one command: each round trip is a delay that a person feels. */
function observed(
  mark: KernelLogMark,
  command: Command<ToolResult>,
  { what, file, subject, withLog }: ObserveOptions,
): Command<Observation> {
  const data = file?.data;
  const sums = data === undefined ? [] : checksums(data);
  // insmod and rmmod start nothing that outlives them, as what modprobe is told to run may.
  const alone = subject !== undefined;
  // A kernel without /dev/kmsg takes no mark; that is no reason not to run the tool.
  const text = `${alone ? ANSWERED : ''}${data === undefined ? '' : receive(file?.packed !== undefined)}
${LINE_END}
line=$1 token=$2 file=$3 name=$4 needs=$5 quiet=$6
shift 6
observe() {
  ${subject?.needs === undefined ? '' : CHECK_NEEDS}
  ${data === undefined ? '' : 'receive "$1" "$2" "$3" || return\n  shift 3'}
  echo "<6>$line" >/dev/kmsg
  ${alone ? RUN_TOOL.alone : RUN_TOOL.withOthers}
  code=$?
  answer=$code$nl
  ${AFTERMATH}
  answer=$answer$nl$nl$said
}
said= answer='${NOT_RUN}'
observe "$@" 3>&2 2>/dev/null
${alone ? 'answered' : 'printf %s'} "$answer"
[ -z "$file" ] || rm -f "$file" 2>/dev/null
exit 0`;
  return {
    ...command,
    what,
    argv: script(text, [
      mark.line,
      mark.token,
      file?.path ?? '',
      subject?.name ?? '',
      subject?.needs?.join(' ') ?? '',
      withLog ? '' : (subject?.wanted ?? ''),
      ...sums,
      ...command.argv,
    ]),
    ...(data === undefined ? {} : { stdin: file?.packed ?? data }),
    accepts: [0],
    parse: (result) => {
      const output = result.stdout.toString('utf8');
      if (output === NOT_RUN) {
        throw new NotRunError(`${what}: the modules are not as they were, or the file could not be written`);
      }
      const [, code] = /^(\d{1,3})\n/.exec(output) ?? [];
      if (code === undefined) {
        throw new CommandFailedError(command.argv, result);
      }
      const exitCode = Number(code);
      const { said, ...seen } = parseAftermath(output.slice(code.length + 1), mark);
      const ended = { ...result, exitCode, stderr: result.stderr + said };
      return {
        // As a shell tells the signal that ended a program.
        ...(exitCode > 128
          ? { tool: undefined, interruption: new CommandFailedError(command.argv, ended) }
          : { tool: command.parse(ended), interruption: undefined }),
        ...seen,
      };
    },
  };
}

/** The aftermath of a tool that did not end by itself. */
function aftermath(
  mark: KernelLogMark,
  { file, subject }: ObserveOptions,
): Command<Pick<Observation, 'modules' | 'log'>> {
  const text = `exec 2>/dev/null
${LINE_END}
token=$1 file=$2 name=$3 quiet= code= answer=
${AFTERMATH}
printf %s "$answer"
[ -z "$file" ] || exec rm -f "$file"`;
  return {
    argv: script(text, [mark.token, file?.path ?? '', subject?.name ?? '']),
    asRoot: true,
    timeoutMs: 15_000,
    accepts: [0, 1],
    parse: ({ stdout }) => parseAftermath(stdout.toString('utf8'), mark),
  };
}

/** `said`: what the tool printed on stderr, behind an empty line. */
function parseAftermath(
  text: string,
  mark: KernelLogMark,
): Pick<Observation, 'modules' | 'log'> & { said: string } {
  const [modules, rest] = splitProcModules(text);
  const [log = '', said = ''] = rest.split(/\n\n(.*)/s);
  return { modules, log: parseSinceMark(log, mark), said };
}
