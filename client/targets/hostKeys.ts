import { createHash, createHmac, randomBytes } from 'node:crypto';
import { KNOWN_HOSTS } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';
import { withoutEnd } from '../../kmod/text';
import { appendLines } from '../../engine/files/appendLines';

/** What known_hosts says of a key that a host showed (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export type HostKeyDecision =
  | { readonly kind: 'known' }
  /** No line names the host. */
  | { readonly kind: 'unknown' }
  /** Lines name the host, and none has this key. As for OpenSSH, a key of another type is a change too. */
  | {
      readonly kind: 'changed';
      readonly file: string;
      /** From 1. */
      readonly line: number;
      readonly knownType: string;
      readonly knownFingerprint: string;
    }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number };

interface Entry {
  readonly file: string;
  readonly line: number;
  readonly marker: '@revoked' | '@cert-authority' | undefined;
  readonly names: string;
  readonly key: Buffer;
}

/** A host as known_hosts names it: port 22 is left out, and names have no upper case. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** OpenSSH's form: "SHA256:" and base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${withoutEnd(createHash('sha256').update(key).digest('base64'), '=')}`;
}

/**
 * Whether a text that a machine prints about its keys names the one with this fingerprint: the line of
 * `ssh-keygen -l`, the public key itself, or what dropbearkey says.
 */
export function showsHostKey(text: string, wanted: string): boolean {
  return text
    .split(/\s+/)
    .some(
      (word) =>
        withoutEnd(word.startsWith(SHA256) ? word : SHA256 + word, '=') === wanted ||
        keyPrint(word) === wanted,
    );
}

const SHA256 = 'SHA256:';

const keyPrint = (word: string): string => fingerprint(Buffer.from(word, 'base64'));

/** The type that a public key names in its first field (RFC 4253, 6.6); empty when it is no key. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.toString('latin1', 4, Math.min(4 + length, key.length));
}

export class KnownHosts {
  private constructor(private readonly entries: readonly Entry[]) {}

  /** Reads the files in their order; one that is not there says nothing. @throws the other errors of reading */
  static async read(files: readonly string[]): Promise<KnownHosts> {
    const entries: Entry[] = [];
    for (const file of files) {
      entries.push(...parse(await readIfThere(file), file));
    }
    return new KnownHosts(entries);
  }

  /** Only this key is good for the host: "ssh-ed25519 AAAA…". */
  static pinned(host: string, port: number, key: string): KnownHosts {
    return new KnownHosts(parse(`${knownHostsName(host, port)} ${key}`, 'the key that was handed over'));
  }

  /**
   * The key types that are known for a host: a client asks for these first, as OpenSSH does. A type whose
   * first key is revoked is none of them.
   */
  keyTypes(host: string, port: number): string[] {
    const named = this.named(knownHostsName(host, port));
    const revoked = named.filter(({ marker }) => marker === '@revoked');
    const first = new Map<string, Buffer>();
    for (const { marker, key } of named) {
      if (marker === undefined && !first.has(keyType(key))) {
        first.set(keyType(key), key);
      }
    }
    return [...first].flatMap(([type, key]) =>
      revoked.some((entry) => entry.key.equals(key)) ? [] : [type],
    );
  }

  /** Whether a certificate authority may speak for the host. Only ssh itself checks a host's certificate. */
  hasAuthority(host: string, port: number): boolean {
    const names =
      port === 22 ? [knownHostsName(host, 22)] : [knownHostsName(host, port), knownHostsName(host, 22)];
    return names.some((name) => this.named(name).some(({ marker }) => marker === '@cert-authority'));
  }

  /**
   * Decides as OpenSSH's check_host_key() does: a revoked key is refused whatever else is said; a host
   * on another port that is not known may be known without its port.
   */
  decide(host: string, port: number, key: Buffer): HostKeyDecision {
    const decision = this.decideName(knownHostsName(host, port), key);
    if (decision.kind === 'unknown' && port !== 22) {
      const withoutPort = this.decideName(knownHostsName(host, 22), key);
      return withoutPort.kind === 'known' || withoutPort.kind === 'revoked' ? withoutPort : decision;
    }
    return decision;
  }

  private decideName(name: string, key: Buffer): HostKeyDecision {
    const entries = this.named(name);
    const revoked = entries.find((entry) => entry.marker === '@revoked' && entry.key.equals(key));
    if (revoked !== undefined) {
      return { kind: 'revoked', file: revoked.file, line: revoked.line };
    }
    const trusted = entries.filter(({ marker }) => marker === undefined);
    if (trusted.some((entry) => entry.key.equals(key))) {
      return { kind: 'known' };
    }
    const other = trusted.find((entry) => keyType(entry.key) === keyType(key)) ?? trusted[0];
    return other === undefined
      ? { kind: 'unknown' }
      : {
          kind: 'changed',
          file: other.file,
          line: other.line,
          knownType: keyType(other.key),
          knownFingerprint: fingerprint(other.key),
        };
  }

  private named(name: string): Entry[] {
    return this.entries.filter(({ names }) => matches(names, name));
  }
}

/**
 * Writes an accepted key as OpenSSH would: at the end of the file, its name hashed when ssh_config says
 * so. Makes the file (0600) and its directory (0700).
 */
export async function rememberHostKey(
  file: string,
  host: string,
  port: number,
  key: Buffer,
  hash: boolean,
): Promise<void> {
  const name = knownHostsName(host, port);
  const line = `${hash ? hashed(name, randomBytes(20)) : name} ${keyType(key)} ${key.toString('base64')}\n`;
  await appendLines(file, line);
}

/** "|1|salt|HMAC-SHA1 of the name", as ssh-keygen -H writes it. */
function hashed(name: string, salt: Buffer): string {
  const mac = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${mac}`;
}

async function readIfThere(file: string): Promise<string> {
  return (await readRegularFile(file, KNOWN_HOSTS).catch(ifThere))?.toString('latin1') ?? '';
}

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
    throw error;
  }
}

/** The lines that hold a key of a host; comments and what is no key are passed over. */
function parse(text: string, file: string): Entry[] {
  const entries: Entry[] = [];
  text.split('\n').forEach((line, index) => {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [names, type, encoded] = fields;
    if (names === undefined || names.startsWith('#') || type === undefined || encoded === undefined) {
      return;
    }
    const key = Buffer.from(encoded, 'base64');
    if (
      (marker === undefined || marker === '@revoked' || marker === '@cert-authority') &&
      keyType(key) === type
    ) {
      entries.push({ file, line: index + 1, marker, names, key });
    }
  });
  return entries;
}

/** Whether the first field of a line names the host: hashed, or patterns of which a "!" one excludes. */
function matches(names: string, name: string): boolean {
  if (names.startsWith('|')) {
    const [, version, salt] = names.split('|');
    return version === '1' && salt !== undefined && hashed(name, Buffer.from(salt, 'base64')) === names;
  }
  const patterns = names.toLowerCase().split(',');
  const excluded = patterns.some((pattern) => pattern.startsWith('!') && isLike(name, pattern.slice(1)));
  return !excluded && patterns.some((pattern) => !pattern.startsWith('!') && isLike(name, pattern));
}

/** Only "*" and "?" are special (ssh_config(5), PATTERNS). Looks no further back than to the last "*". */
function isLike(name: string, pattern: string): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let index = 0; index < name.length;) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      at += 1;
      from = index;
    } else if (wanted === '?' || wanted === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      from += 1;
      index = from;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
