import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

/** Values by letter, without the per cent sign. */
export type SshTokens = Readonly<Record<string, string>>;

/** The %-tokens that paths of ssh_config(5) may hold (its section TOKENS). */
export function sshTokens(of: {
  readonly home: string;
  /** As it was asked for. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | undefined;
  /** %C, where ssh itself tells it: what it is made of differs with the version. */
  readonly hash: string | undefined;
  readonly proxyJump: string | undefined;
}): SshTokens {
  const local = hostname();
  const jump = of.proxyJump ?? '';
  const { uid, username } = userInfo();
  const connection = `${local}${of.hostName}${of.port}${of.user}${jump}`;
  return {
    C: of.hash ?? createHash('sha1').update(connection).digest('hex'),
    d: of.home,
    h: of.hostName,
    i: String(uid),
    j: jump,
    k: of.hostKeyAlias ?? of.host,
    L: local.split('.')[0] ?? local,
    l: local,
    n: of.host,
    p: String(of.port),
    r: of.user,
    u: username,
  };
}

/** Replaces the %-tokens that are given; "%%" is a per cent sign. */
export function expandTokens(text: string, tokens: SshTokens): string {
  return text.replaceAll(/%(.)/g, (whole, letter: string) =>
    letter === '%' ? '%' : (tokens[letter] ?? whole),
  );
}

/** A path as ssh_config(5) writes it: `~/`, the environment as `${NAME}`, and tokens. */
export function expandPath(path: string, home: string, tokens: SshTokens): string {
  return expandTokens(
    path.startsWith('~/')
      ? join(home, path.slice(2))
      : path.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole),
    tokens,
  );
}
