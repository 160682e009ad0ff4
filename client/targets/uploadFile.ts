import { CHECKSUM_TOOLS, parseChecksumLine } from './checksum';
import { TimeLimitError, UploadError } from './errors';
import { CANNOT_CREATE, receiveFile } from './remoteShell';
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
    result = await run(receiveFile(remotePath, size), { ...options, stdin: data, timeoutMs });
  } catch (error) {
    throw error instanceof TimeLimitError
      ? new UploadError(remotePath, `not finished within ${Math.round(error.limit / 1000)} s`)
      : error;
  }
  if (result.exitCode !== 0) {
    const why = result.stderr.trim();
    const otherwise =
      result.exitCode === CANNOT_CREATE ? 'the file can not be created' : 'it did not arrive whole';
    throw new UploadError(remotePath, why === '' ? otherwise : why);
  }
  const stored = parseChecksumLine(result.stdout.toString('latin1').trim())?.checksum;
  if (stored !== undefined && !CHECKSUM_TOOLS.some((tool) => tool.of(data) === stored)) {
    await run(['rm', '-f', '--', remotePath]);
    throw new UploadError(remotePath, 'what the target stored is not what was sent');
  }
}
