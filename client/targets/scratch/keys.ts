import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SSH_KEY } from '../../../engine/files/limits';
import { readTextFile } from '../../../engine/files/regularFile';
import { ConnectError } from '../errors';
import { findPrograms, output } from './programs';

/** The scratch kernel's own keys: nothing of ~/.ssh is used, and nothing is written there. */
export interface ScratchKeys {
  /** The private key that logs in. */
  readonly identityFile: string;
  /** Its line for authorized_keys. */
  readonly authorizedKey: string;
  /** The guest's private host key, in dropbear's format. */
  readonly hostKeyFile: string;
  /** "ssh-ed25519 AAAA…" */
  readonly hostKey: string;
}

/**
 * The keys in `directory`, made on first use; private files have mode 0600.
 * @throws ConnectError when ssh-keygen or dropbearkey is missing
 */
export async function ensureKeys(directory: string): Promise<ScratchKeys> {
  const identityFile = join(directory, 'id_ed25519');
  const hostKeyFile = join(directory, 'host_key');
  const read = async (): Promise<ScratchKeys> => ({
    identityFile,
    authorizedKey: await readTextFile(`${identityFile}.pub`, SSH_KEY),
    hostKeyFile,
    hostKey: (await readTextFile(`${hostKeyFile}.pub`, SSH_KEY)).trim(),
  });
  return read().catch(async () => {
    await makeKeys(directory);
    return read();
  });
}

async function makeKeys(directory: string): Promise<void> {
  const programs = findPrograms(['ssh-keygen', 'dropbearkey']);
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  // Made aside and moved into place whole, so that another editor never sees half of it.
  const unfinished = await mkdtemp(`${directory}.`);
  try {
    const identity = join(unfinished, 'id_ed25519');
    await output(programs['ssh-keygen'], ['-q', '-t', 'ed25519', '-N', '', '-C', 'scratch', '-f', identity]);
    const hostKey = join(unfinished, 'host_key');
    const told = await output(programs.dropbearkey, ['-t', 'ed25519', '-f', hostKey]);
    const publicKey = /^ssh-ed25519 \S+/m.exec(told)?.[0];
    if (publicKey === undefined) {
      throw new ConnectError(
        `the scratch kernel's host key: dropbearkey printed no public key: ${told}`,
        'start',
      );
    }
    await writeFile(`${hostKey}.pub`, `${publicKey}\n`);
    await rename(unfinished, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') {
        throw error;
      }
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
