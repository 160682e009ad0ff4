import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { TimeLimitError, UploadError } from './errors';
import type { Link } from './link';
import { MOST_STDIN, receiveFile } from './remoteShell';
import type { RunOptions, RunResult, Target } from './target';

/** Slower than this is given up, bytes a second. */
const SLOWEST = 20_000;

/** Bytes; of less the round trips are what takes the time. */
const WORTH_PACKING = 16 * 1024;

export const pack = promisify<Uint8Array, Buffer>(gzip);

type Options = Pick<RunOptions, 'signal' | 'timeoutMs'>;

/**
 * Writes a new file through `cat`, which every target has, and verifies what arrived. Over a slow line it goes
 * through gzip, where the target has that.
 * @throws UploadError, TargetLostError, or the signal's reason
 */
export async function uploadFile(
  run: Target['run'],
  link: Link,
  data: Uint8Array,
  remotePath: string,
  options: Options,
): Promise<void> {
  const packed =
    link.unpacks && link.isSlow && data.byteLength > WORTH_PACKING ? await pack(data) : undefined;
  if (packed !== undefined && packed.byteLength < data.byteLength) {
    const { exitCode } = await send(run, link, data, packed, remotePath, options);
    if (exitCode === 0) {
      return;
    }
    // Nothing of it is left there, and whatever the reason is, it is better told of the file as it is.
    link.unpacks = false;
  }
  const plainly = (): Promise<RunResult> => send(run, link, data, undefined, remotePath, options);
  let result = await plainly();
  if (result.exitCode !== 0 && link.spells && data.byteLength <= MOST_STDIN) {
    // A printf that is none would be no reason to refuse a file. Where that changes nothing, it was not printf.
    link.spells = false;
    result = await plainly();
    link.spells = result.exitCode !== 0;
  }
  if (result.exitCode !== 0) {
    throw uploadFailure(remotePath, result.stderr);
  }
}

async function send(
  run: Target['run'],
  link: Link,
  data: Uint8Array,
  packed: Uint8Array | undefined,
  remotePath: string,
  options: Options,
): Promise<RunResult> {
  const stdin = packed ?? data;
  const timeoutMs = options.timeoutMs ?? 30_000 + (stdin.byteLength / SLOWEST) * 1000;
  const argv = receiveFile(remotePath, data, packed !== undefined);
  const began = performance.now();
  try {
    const result = await run(argv, { ...options, stdin, timeoutMs });
    if (result.exitCode === 0 && stdin.byteLength > WORTH_PACKING) {
      link.passed(stdin.byteLength, performance.now() - began);
    }
    return result;
  } catch (error) {
    throw error instanceof TimeLimitError
      ? new UploadError(remotePath, `not finished within ${Math.round(error.limit / 1000)} s`)
      : error;
  }
}

/** What `receive` of remoteShell.ts says when it stored nothing. */
function uploadFailure(remotePath: string, stderr: string): UploadError {
  const why = stderr.trim();
  return new UploadError(remotePath, why === '' ? 'what the target stored is not what was sent' : why);
}
