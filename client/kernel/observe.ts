import { UploadError } from '../targets/errors';
import { checksums, receive } from '../targets/remoteShell';
import { script } from '../targets/script';
import { SerialQueue } from '../targets/serialQueue';
import { uploadFailure } from '../targets/uploadFile';
import type { Target } from '../targets/target';
import { CommandFailedError, execute, type Command } from './command';
import type { ToolResult } from './commands';
import { newMark, parseSinceMark, SINCE_MARK, type KernelLogExcerpt, type KernelLogMark } from './kernelLog';
import { PRINT_PROC_MODULES, splitProcModules, type LoadedModule } from './procModules';

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
 * @throws NotRunError where the subject is not as told, UploadError: both say that the tool was not run;
 *   TargetLostError; and what the reading throws
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
    if (error instanceof UploadError || error instanceof NotRunError) {
      throw error;
    }
    interruption = error instanceof Error ? error : new Error(String(error));
  }
  if (target.lost.aborted) {
    throw target.lost.reason;
  }
  return { tool: undefined, interruption, ...(await execute(target, aftermath(mark, options))) };
}

/**
 * Prints the line of /proc/modules of the module $name, and without a name all of it, as PRINT_PROC_MODULES does.
 * The newest module stands first there, and a shell reads a few bytes in less time than it starts a program.
 */
const PRINT_SUBJECT = `
module=
if [ -z "$name" ] || [ ! -r /proc/modules ]; then
  ${PRINT_PROC_MODULES}
else
  if [ -d "/sys/module/$name" ] || [ ! -d /sys/module ]; then
    while read -r module; do
      case $module in "$name "*) break ;; esac
      module=
    done </proc/modules
  fi
  [ -z "$module" ] || echo "$module"
  echo
fi`;

/** What is asked of the kernel, and cleaned up, after a tool; $token, $name and $file come from what goes before. */
const AFTERMATH = `
${PRINT_SUBJECT}
case $quiet$code:$module in
  live0:*' Live '* | gone0:) ;;
  *) ${SINCE_MARK} ;;
esac
[ -z "$file" ] || exec rm -f "$file"`;

/** Told in place of a tool's exit code when it was not run. */
const NOT_RUN = { asTold: 'not as told', stored: 'not stored' };

const CHECK_NEEDS = `
[ -d /sys/module ] && [ ! -d "/sys/module/$name" ] || { echo '${NOT_RUN.asTold}'; exit 0; }
for module in $needs; do
  { read -r state <"/sys/module/$module/initstate"; } 2>/dev/null && [ "$state" = live ] ||
    { echo '${NOT_RUN.asTold}'; exit 0; }
done`;

/** The tool and its aftermath as one command: each round trip is a delay that a person feels. */
function observed(
  mark: KernelLogMark,
  command: Command<ToolResult>,
  { what, file, subject, withLog }: ObserveOptions,
): Command<Observation> {
  const data = file?.data;
  const sums = data === undefined ? [] : checksums(data);
  // A kernel without /dev/kmsg takes no mark; that is no reason not to run the tool.
  const text = `${data === undefined ? '' : receive(file?.packed !== undefined)}
line=$1 token=$2 file=$3 name=$4 needs=$5 quiet=$6
shift 6
${subject?.needs === undefined ? '' : CHECK_NEEDS}
${data === undefined ? '' : `receive "$1" "$2" "$3" || { echo '${NOT_RUN.stored}'; exit 0; }\nshift 3`}
{ echo "<6>$line" >/dev/kmsg; } 2>/dev/null
"$@" >/dev/null
code=$?
exec 2>/dev/null
echo "$code"
${AFTERMATH}`;
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
    // The end is rm's: whether it could remove the file changes nothing of what was seen.
    accepts: [0, 1],
    parse: (result) => {
      const output = result.stdout.toString('utf8');
      const end = output.indexOf('\n');
      const told = output.slice(0, end);
      if (told === NOT_RUN.stored) {
        throw uploadFailure(file?.path ?? '', result.stderr);
      }
      if (told === NOT_RUN.asTold) {
        throw new NotRunError(`${what}: the modules are not as they were`);
      }
      const exitCode = Number(told);
      const ended = { ...result, exitCode };
      return {
        // As a shell tells the signal that ended a program.
        ...(exitCode > 128
          ? { tool: undefined, interruption: new CommandFailedError(command.argv, ended) }
          : { tool: command.parse(ended), interruption: undefined }),
        ...parseAftermath(output.slice(end + 1), mark),
      };
    },
  };
}

/** The aftermath of a tool that did not end by itself. */
function aftermath(
  mark: KernelLogMark,
  { file, subject }: ObserveOptions,
): Command<Pick<Observation, 'modules' | 'log'>> {
  const text = `exec 2>/dev/null\ntoken=$1 file=$2 name=$3 quiet= code=\n${AFTERMATH}`;
  return {
    argv: script(text, [mark.token, file?.path ?? '', subject?.name ?? '']),
    asRoot: true,
    timeoutMs: 15_000,
    accepts: [0, 1],
    parse: ({ stdout }) => parseAftermath(stdout.toString('utf8'), mark),
  };
}

function parseAftermath(text: string, mark: KernelLogMark): Pick<Observation, 'modules' | 'log'> {
  const [modules, log] = splitProcModules(text);
  return { modules, log: parseSinceMark(log, mark) };
}
