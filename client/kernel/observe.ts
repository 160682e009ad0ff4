import { SerialQueue } from '../targets/serialQueue';
import type { Target } from '../targets/target';
import { CommandFailedError, execute, type Command } from './command';
import { script, type ToolResult } from './commands';
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
  readonly modules: readonly LoadedModule[];
  readonly log: KernelLogExcerpt;
}

interface ObserveOptions {
  /** For those who read the kernel log: "insmod hello". */
  readonly what: string;
  /** A file of the target that is removed afterwards, whatever happens. */
  readonly temporaryFile?: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a module tool, once, and reads the kernel's answer whatever became of it, also after a cancellation.
 * @throws TargetLostError; and what the reading throws
 */
export async function observe(
  target: Target,
  command: Command<ToolResult>,
  { what, temporaryFile = '', signal }: ObserveOptions,
): Promise<Observation> {
  const mark = newMark(what);
  let interruption: Error;
  try {
    return await execute(target, observed(mark, { ...command, what }, temporaryFile), signal);
  } catch (error) {
    interruption = error instanceof Error ? error : new Error(String(error));
  }
  if (target.lost.aborted) {
    throw target.lost.reason;
  }
  return { tool: undefined, interruption, ...(await execute(target, aftermath(mark, temporaryFile))) };
}

/** What is asked of the kernel, and cleaned up, after a tool; $token and $file come from what goes before. */
const AFTERMATH = `
[ -z "$file" ] || rm -f "$file"
${PRINT_PROC_MODULES}
${SINCE_MARK}`;

/** The tool and its aftermath as one command: each round trip is a delay that a person feels. */
function observed(
  mark: KernelLogMark,
  command: Command<ToolResult>,
  temporaryFile: string,
): Command<Observation> {
  // A kernel without /dev/kmsg takes no mark; that is no reason not to run the tool.
  const text = `
{ echo "<6>$1" >/dev/kmsg; } 2>/dev/null
token=$2 file=$3; shift 3
"$@" >/dev/null
echo $?
exec 2>/dev/null
${AFTERMATH}`;
  return {
    ...command,
    argv: script(text, [mark.line, mark.token, temporaryFile, ...command.argv]),
    accepts: [0],
    parse: (result) => {
      const output = result.stdout.toString('utf8');
      const end = output.indexOf('\n');
      const exitCode = Number(output.slice(0, end));
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
  temporaryFile: string,
): Command<Pick<Observation, 'modules' | 'log'>> {
  return {
    argv: script(`exec 2>/dev/null\ntoken=$1 file=$2\n${AFTERMATH}`, [mark.token, temporaryFile]),
    asRoot: true,
    timeoutMs: 15_000,
    parse: ({ stdout }) => parseAftermath(stdout.toString('utf8'), mark),
  };
}

function parseAftermath(text: string, mark: KernelLogMark): Pick<Observation, 'modules' | 'log'> {
  const [modules, log] = splitProcModules(text);
  return { modules, log: parseSinceMark(log, mark) };
}
