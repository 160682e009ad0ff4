import { runProgram } from '../../engine/base/startProgram';
import { readSshConfig } from './readSshConfig';
import { loginName, type SshConfig } from './sshConfig';
import { expandTokens } from './sshTokens';
import { jumpHosts, type JumpHost } from './jumpHosts';

/**
 * Whose questions ssh hands to its asker, and whose secrets may answer them. A question is never believed by its
 * words: a server writes those of its keyboard-interactive login (RFC 4256) as it likes.
 */
export interface SshParties {
  /** By the name under which ssh asks ("user@host"), the one under which the password is remembered. */
  readonly logins: ReadonlyMap<string, string>;
  /** Paths of private keys. */
  readonly keyFiles: readonly string[];
  /**
   * Who may have written a question that does not begin with "(user@host) ". From OpenSSH 8.5 on this stands before
   * all that a server asks (its input_userauth_info_req()), so that the others are ssh's own.
   */
  readonly unmarked: 'ssh' | 'anybody';
  /** No host takes part but the login's own: it alone gets the answers. */
  readonly alone: boolean;
}

interface Reading {
  readonly config: SshConfig;
  /** The login's own questions are asked by ssh, too, not only those of hosts between. */
  readonly withOwn: boolean;
  readonly configFile: string | undefined;
  readonly signal: AbortSignal;
}

/** Hosts between, with theirs. */
const MOST_HOPS = 16;

/** Reads who takes part in a connection, from its own configuration and that of the hosts of its ProxyJump. */
export async function readParties({ config, withOwn, configFile, signal }: Reading): Promise<SshParties> {
  const known = withOwn ? [config] : [];
  const left: JumpHost[] = hopsOf(config);
  for (let hop = left.shift(); hop !== undefined && known.length < MOST_HOPS; hop = left.shift()) {
    const definition = { kind: 'ssh', name: hop.host, ...hop } as const;
    const reading = { signal, ...(configFile === undefined ? {} : { configFile }) };
    // ssh will say what is wrong with it; nobody is known by its name then.
    const host = await readSshConfig(definition, reading).catch(() => undefined);
    signal.throwIfAborted();
    if (host !== undefined) {
      known.push(host);
      left.push(...hopsOf(host));
    }
  }
  return {
    ...partiesOf(known),
    unmarked: (await marksQuestions()) ? 'ssh' : 'anybody',
    alone: withOwn && config.proxyJump === undefined && config.proxyCommand === undefined,
  };
}

/** What is taken from memory for these logins. One name for two of them (on two ports) is nobody's. */
export function partiesOf(known: readonly SshConfig[]): Pick<SshParties, 'logins' | 'keyFiles'> {
  const logins = new Map<string, string>();
  const shared = new Set<string>();
  for (const config of known) {
    const name = askingName(config);
    if (logins.has(name) && logins.get(name) !== loginName(config)) {
      shared.add(name);
    }
    logins.set(name, loginName(config));
  }
  shared.forEach((name) => logins.delete(name));
  return { logins, keyFiles: [...new Set(known.flatMap(({ identityFiles }) => identityFiles))] };
}

/** As ssh names a login where it asks (userauth_passwd() of its sshconnect2.c). */
const askingName = ({ user, hostName, hostKeyAlias }: SshConfig): string =>
  `${user}@${hostKeyAlias ?? hostName.toLowerCase()}`;

const hopsOf = (config: SshConfig): JumpHost[] =>
  config.proxyJump === undefined
    ? []
    : jumpHosts(
        expandTokens(config.proxyJump, {
          h: config.hostName,
          n: config.host,
          p: String(config.port),
          r: config.user,
        }),
      ).filter((hop) => hop !== undefined);

/** Whether this machine's ssh tells what a server asks from what it asks itself. Another program's version tells nothing. */
function marksQuestions(): Promise<boolean> {
  return new Promise((resolve) => {
    runProgram('ssh', ['-V'], { timeout: 10_000 }).then(
      ({ stdout, stderr }) => resolve(marksFrom(`${stdout}${stderr}`)),
      () => resolve(false),
    );
  });
}

/** @param version what `ssh -V` prints: "OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15" */
export function marksFrom(version: string): boolean {
  const [, major, minor] = /^OpenSSH_(?:for_Windows_)?(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  return major !== undefined && (Number(major) > 8 || (Number(major) === 8 && Number(minor) >= 5));
}
