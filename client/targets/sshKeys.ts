import { stat } from 'node:fs/promises';
import { SSH_KEY } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';
import { ConnectError } from './errors';
import type { Prompts } from './prompts';
import { quoteForPeople } from './quote';
import type { SshConfig } from './sshConfig';

/** A key as ssh2 reads it. */
interface ParsedKey {
  isPrivateKey(): boolean;
  getPublicSSH(): Buffer;
  /** An Error when it can not sign. */
  sign(data: Buffer, hash?: SignatureHash): Buffer | Error;
}

export type ParseKey = (data: Buffer, passphrase?: string) => ParsedKey | Error;

/** For RSA keys, which sign in several ways. */
export type SignatureHash = 'sha1' | 'sha256' | 'sha512';

/** A key that can be offered to a server. */
export interface Identity {
  readonly publicKey: Buffer;
  /** Where it is, for a person. */
  readonly origin: string;
  /** A passphrase is asked for here: when the server has taken the key. */
  sign(data: Buffer, hash: SignatureHash | undefined): Promise<Buffer>;
}

const PASSPHRASE_ATTEMPTS = 3;

interface KeySources {
  readonly config: SshConfig;
  /** A file that the target's definition names must be good; of ssh_config's, only those that are there count. */
  readonly explicit: boolean;
  readonly agentIdentities: readonly Identity[];
  readonly parseKey: ParseKey;
  readonly ask: Prompts['secret'];
  /** Told of a key that is left out, and why. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The keys to offer, in OpenSSH's order: the agent's that a key file names, the agent's others unless
 * IdentitiesOnly, then the key files that no agent holds.
 * @throws ConnectError 'configuration' for a named key file that can not be read
 */
export async function collectIdentities(sources: KeySources): Promise<Identity[]> {
  const held = ({ publicKey }: KeyFile): boolean =>
    sources.agentIdentities.some((identity) => identity.publicKey.equals(publicKey));
  const files: KeyFile[] = [];
  for (const path of sources.config.identityFiles) {
    const file = await openKeyFile(path, sources);
    const open = file?.identity === undefined || held(file) ? undefined : await openToOthers(path);
    if (open !== undefined) {
      unusable(path, open, sources);
    } else if (file !== undefined) {
      files.push(file);
    }
  }
  const named = (identity: Identity): boolean =>
    files.some(({ publicKey }) => publicKey.equals(identity.publicKey));
  return [
    ...sources.agentIdentities.filter(named),
    ...(sources.config.identitiesOnly ? [] : sources.agentIdentities.filter((identity) => !named(identity))),
    ...files
      .filter((file) => !held(file))
      .flatMap(({ identity }) => (identity === undefined ? [] : [identity])),
  ];
}

function unusable(path: string, why: string, { explicit, note }: KeySources): undefined {
  const text = `the key file ${path} can not be used: ${why}`;
  if (explicit) {
    throw new ConnectError(text.replace(/^t/, 'T'), 'configuration');
  }
  note(text);
}

interface KeyFile {
  readonly publicKey: Buffer;
  /** Undefined when the file holds only the public half: its private one is the agent's. */
  readonly identity: Identity | undefined;
}

async function openKeyFile(path: string, sources: KeySources): Promise<KeyFile | undefined> {
  const { parseKey, explicit } = sources;
  const data = await readRegularFile(path, SSH_KEY).catch((error: NodeJS.ErrnoException) => error);
  if (!Buffer.isBuffer(data)) {
    return explicit || data.code !== 'ENOENT' ? unusable(path, data.message, sources) : undefined;
  }
  const key = parseKey(data);
  if (!(key instanceof Error)) {
    const publicKey = key.getPublicSSH();
    const identity = key.isPrivateKey()
      ? fileIdentity(path, publicKey, () => Promise.resolve(key))
      : undefined;
    return { publicKey, identity };
  }
  if (!isEncrypted(key)) {
    return unusable(path, `${key.message}${conversion(path, data)}`, sources);
  }
  const unlock = once(() => unlockKey(path, data, sources));
  const publicKey =
    openPart(data)?.publicKey ?? (await publicFile(path, parseKey)) ?? (await unlock()).getPublicSSH();
  return { publicKey, identity: fileIdentity(path, publicKey, unlock) };
}

/** As OpenSSH's sshkey_perm_ok(): of the login's own private keys, one that others may read is none. */
async function openToOthers(path: string): Promise<string | undefined> {
  const { uid, mode } = await stat(path);
  return uid === process.getuid?.() && (mode & 0o077) !== 0
    ? `others may read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}), and ssh takes no such key. chmod 600 ${quoteForPeople([path])}`
    : undefined;
}

function fileIdentity(path: string, publicKey: Buffer, open: () => Promise<ParsedKey>): Identity {
  return {
    publicKey,
    origin: path,
    sign: async (data, hash) => {
      const signature = (await open()).sign(data, hash);
      if (signature instanceof Error) {
        throw signature;
      }
      return signature;
    },
  };
}

async function unlockKey(
  path: string,
  data: Buffer,
  { ask, parseKey, signal }: KeySources,
): Promise<ParsedKey> {
  for (let attempt = 1; attempt <= PASSPHRASE_ATTEMPTS; attempt += 1) {
    const passphrase = await ask({ kind: 'passphrase', subject: path, attempt }, signal);
    if (passphrase === undefined) {
      throw new Error(`no passphrase was given for ${path}`);
    }
    const key = parseKey(data, passphrase);
    if (!(key instanceof Error)) {
      return key;
    }
  }
  throw new Error(`the passphrase of ${path} was wrong ${PASSPHRASE_ATTEMPTS} times`);
}

/** What a parser says of a key for which it needs a passphrase. */
export const ENCRYPTED = 'no passphrase given';

const isEncrypted = (error: Error): boolean => error.message.includes(ENCRYPTED);

/** What to do about a file that is no key to OpenSSH, where it is another program's. */
function conversion(path: string, data: Buffer): string {
  const begin = data.toString('latin1', 0, 32);
  if (begin.startsWith('PuTTY-User-Key-File')) {
    return `. It is PuTTY's: ${quoteForPeople(['puttygen', path, '-O', 'private-openssh', '-o', `${path}.openssh`])}`;
  }
  // dropbear's files begin with the name of the type (RFC 4253, 6.6).
  return /^\0\0\0.(ssh-|ecdsa-)/s.test(begin)
    ? `. It is dropbear's: ${quoteForPeople(['dropbearconvert', 'dropbear', 'openssh', path, `${path}.openssh`])}`
    : '';
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

const MAGIC = 'openssh-key-v1\0';
const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';

/** What of OpenSSH's private key format (its PROTOCOL.key) is not encrypted. */
export function openPart(file: Buffer): { cipher: string; publicKey: Buffer } | undefined {
  const text = file.toString('latin1');
  const begin = text.indexOf(BEGIN);
  const end = begin < 0 ? -1 : text.indexOf('-----END', begin);
  const data = Buffer.from(end < 0 ? '' : text.slice(begin + BEGIN.length, end), 'base64');
  if (data.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    return undefined;
  }
  const take = (at: number): { value: Buffer; end: number } => {
    const end = at + 4 + (at + 4 <= data.length ? data.readUInt32BE(at) : 0);
    return { value: data.subarray(at + 4, end), end };
  };
  const cipher = take(MAGIC.length);
  const kdf = take(cipher.end);
  const kdfOptions = take(kdf.end);
  return { cipher: cipher.value.toString('latin1'), publicKey: take(kdfOptions.end + 4).value };
}

async function publicFile(path: string, parseKey: ParseKey): Promise<Buffer | undefined> {
  const data = await readRegularFile(`${path}.pub`, SSH_KEY).catch(() => undefined);
  const key = data === undefined ? undefined : parseKey(data);
  return key === undefined || key instanceof Error ? undefined : key.getPublicSSH();
}
