import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { inSlices } from '../../engine/base/slices';
import { BudgetError } from '../../kmod/budget';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { TREE_FILES } from '../../kmod/tree/treeFiles';
import { script } from '../targets/script';
import type { Command } from './command';

/** The answer of a target has no end, or is none: depmod ran meanwhile, or the bytes that were kept are damaged. */
export class TreeAnswerError extends Error {
  override readonly name = 'TreeAnswerError';
  constructor(reason: string) {
    super(`what depmod knows of the modules cannot be read: ${reason}`);
  }
}

/** The files of a distribution's full kernel come to 3 MiB, and to a fifth of that when they are packed. */
const MAX_BYTES = 64 << 20;
const MAX_SENT_BYTES = 16 << 20;

/** A slow line needs its time. Milliseconds. */
const TIME_LIMIT = 120_000;

/**
 * Prints nothing where the files are as they were known to be; else what tells that, then each file after its name
 * and its size, with a NUL behind every one of these words, packed where the target can do that.
 */
const SCRIPT = String.raw`LC_ALL=C; export LC_ALL
known=$1; cd "/lib/modules/$2" 2>/dev/null || set -- "$known" ''
shift 2
for f; do shift; if [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; fi; done
if [ $# = 0 ]; then facts=none
else facts=$(stat -Lc '%n %s %y' "$@" 2>/dev/null || ls -lnL "$@")
fi
if [ "$facts" = "$known" ]; then exit; fi
send() {
  printf '%s\0' "$facts"
  for f; do printf '%s\0%s\0' "$f" "$(wc -c <"$f")"; cat "$f"; done
  printf 'end\0'
}
if command -v gzip >/dev/null; then send "$@" | gzip -c; else send "$@"; fi`;

/**
 * Reads the files of a target's modules in one command.
 * @param known the facts of files that were read before: where they still hold, nothing is sent
 * @returns what parseTreeAnswer reads; undefined: the files are as they were
 */
export function readTree(release: string, known = ''): Command<Buffer | undefined> {
  return {
    argv: script(SCRIPT, [known, release, ...TREE_FILES]),
    timeoutMs: TIME_LIMIT,
    maxOutputBytes: MAX_SENT_BYTES,
    parse: ({ stdout }) => (stdout.length === 0 ? undefined : stdout),
  };
}

export interface TreeAnswer {
  /** Size and time of each file, in the words of the target. */
  readonly facts: string;
  readonly tree: ModuleTree;
}

/**
 * Reads what a target sent.
 * @throws TreeAnswerError; BudgetError where it would be the same with the next answer: it is no kernel's
 */
export async function parseTreeAnswer(answer: Buffer): Promise<TreeAnswer> {
  const bytes = await unpack(answer);
  let at = 0;
  const word = (): string => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new TreeAnswerError('it has no end');
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const facts = word();
  const files = new Map<string, Buffer>();
  for (let name = word(); name !== 'end'; name = word()) {
    const size = Number(word().trim());
    if (!Number.isInteger(size) || size < 0 || at + size > bytes.length) {
      throw new TreeAnswerError(`${JSON.stringify(name.slice(0, 40))} is cut off`);
    }
    if (files.has(name) || files.size === TREE_FILES.length) {
      throw new TreeAnswerError(`${JSON.stringify(name.slice(0, 40))} was not asked for`);
    }
    files.set(name, bytes.subarray(at, at + size));
    at += size;
  }
  return { facts, tree: await inSlices(ModuleTree.inSteps((file) => files.get(file))) };
}

/** What a target sent, packed where it can do that. @throws TreeAnswerError, BudgetError */
export async function unpack(answer: Buffer): Promise<Buffer> {
  if (answer[0] !== 0x1f || answer[1] !== 0x8b) return answer;
  try {
    return await promisify(gunzip)(answer, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new BudgetError(
        `what the target packed holds more than ${MAX_BYTES} bytes, as no kernel's files do`,
      );
    }
    throw new TreeAnswerError(error instanceof Error ? error.message : String(error));
  }
}
