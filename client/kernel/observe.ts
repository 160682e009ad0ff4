import { SerialQueue } from '../targets/serialQueue';
import type { Target } from '../targets/target';
import { execute, type Command } from './command';
import { script, type ToolResult } from './commands';
import {
  marked,
  newMark,
  parseSinceMark,
  SINCE_MARK,
  type KernelLogExcerpt,
  type KernelLogMark,
} from './kernelLog';
import { parseProcModules, type LoadedModule } from './procModules';

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
  { what, temporaryFile, signal }: ObserveOptions,
): Promise<Observation> {
  const mark = newMark(what);
  let tool: ToolResult | undefined;
  let interruption: Error | undefined;
  try {
    tool = await execute(target, marked(mark, command), signal);
  } catch (error) {
    interruption = error instanceof Error ? error : new Error(String(error));
  }
  if (target.lost.aborted) {
    throw target.lost.reason;
  }
  return { tool, interruption, ...(await execute(target, aftermath(mark, temporaryFile))) };
}

/** One command after a tool: its file is removed, /proc/modules and the log since the mark are read. */
function aftermath(mark: KernelLogMark, temporaryFile = ''): Command<Pick<Observation, 'modules' | 'log'>> {
  return {
    argv: script(`[ -z "$2" ] || rm -f "$2"; cat /proc/modules || exit; echo; ${SINCE_MARK}`, [
      mark.token,
      temporaryFile,
    ]),
    asRoot: true,
    timeoutMs: 15_000,
    parse: ({ stdout }) => {
      const text = stdout.toString('utf8');
      // /proc/modules has no empty line, and may be empty itself.
      const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n') + 1;
      return {
        modules: parseProcModules(text.slice(0, end), () => undefined),
        log: parseSinceMark(text.slice(end), mark),
      };
    },
  };
}
