import { TimeLimitError, UploadError } from './errors';
import { receiveFile } from './remoteShell';
import type { RunOptions, RunResult, Target } from './target';

/** Slower than this is given up, bytes a second. */
const SLOWEST = 20_000;

/**
 * Writes a new file through `cat`, which every target has, and verifies what arrived.
 * @throws UploadError, TargetLostError, or the signal's reason
 */
export async function uploadFile(
  run: Target['run'],
  data: Uint8Array,
  remotePath: string,
  options: Pick<RunOptions, 'signal' | 'timeoutMs'>,
): Promise<void> {
  const size = data.byteLength;
  const timeoutMs = options.timeoutMs ?? 30_000 + (size / SLOWEST) * 1000;
  let result: RunResult;
  try {
    result = await run(receiveFile(remotePath, data), { ...options, stdin: data, timeoutMs });
  } catch (error) {
    throw error instanceof TimeLimitError
      ? new UploadError(remotePath, `not finished within ${Math.round(error.limit / 1000)} s`)
      : error;
  }
  if (result.exitCode !== 0) {
    throw uploadFailure(remotePath, result.stderr);
  }
}

/** What `receive` of remoteShell.ts says when it stored nothing. */
export function uploadFailure(remotePath: string, stderr: string): UploadError {
  const why = stderr.trim();
  return new UploadError(remotePath, why === '' ? 'what the target stored is not what was sent' : why);
}
