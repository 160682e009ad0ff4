import { lstat, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { namesIn } from '../../engine/files/directory';

const PREFIX = 'kmod-ssh-';

/** A socket that is listened on as long as the directory is used. */
export const LIVENESS_SOCKET = 'q';

/** Milliseconds between the making of a directory and of its socket, at most. */
const MAKING_MS = 60_000;

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes a directory that its owner alone can read and replace.
 * @throws where there is no directory to make it in, and what mkdtemp throws
 */
export async function makePrivateDirectory(candidates: readonly string[] = places()): Promise<string> {
  for (const place of candidates) {
    if (await isSafe(place)) {
      return mkdtemp(join(place, PREFIX));
    }
  }
  throw new Error(
    `there is no safe directory for temporary files: others may replace what is in ${candidates.join(', ')}. chmod +t ${candidates[0] ?? '/tmp'} lets them replace their own alone.`,
  );
}

/** Removes what editors that were killed have left. What a running one uses, and what is another user's, stays. */
export async function sweepPrivateDirectories(candidates: readonly string[] = places()): Promise<void> {
  for (const place of candidates) {
    const names = await namesIn(place).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(PREFIX))) {
      const path = join(place, name);
      if (await isAbandoned(path)) {
        await rm(path, { recursive: true, force: true }).catch(() => undefined);
      }
    }
  }
}

const places = (): string[] => {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return [...new Set([tmpdir(), ...(runtime?.startsWith('/') === true ? [runtime] : []), homedir()])];
};

/** Nobody but its owner and root can replace what is ours in it. Windows has no such bits. */
async function isSafe(directory: string): Promise<boolean> {
  if (process.platform === 'win32') {
    return true;
  }
  const found = await stat(directory).catch(() => undefined);
  return (
    found?.isDirectory() === true &&
    (found.uid === 0 || found.uid === process.getuid?.()) &&
    ((found.mode & WRITABLE_BY_OTHERS) === 0 || (found.mode & STICKY) !== 0)
  );
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  const isOurs =
    found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o777) === 0o700;
  if (!isOurs) {
    return false;
  }
  const names = await namesIn(path).catch(() => undefined);
  if (names?.includes(LIVENESS_SOCKET) === true) {
    return !(await isListenedOn(join(path, LIVENESS_SOCKET)));
  }
  return names?.every((name) => name === 'askpass') === true && found.mtimeMs < Date.now() - MAKING_MS;
}

/** The socket of a process that has ended refuses (unix(7)). */
function isListenedOn(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection
      .once('connect', () => {
        connection.destroy();
        resolve(true);
      })
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
