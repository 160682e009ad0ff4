import { userInfo } from 'node:os';
import { groupBy } from '../../kmod/groupBy';
import type { SshTargetDefinition } from './definition';
import { expandPath, sshTokens } from './sshTokens';

/** How to reach a host: what ssh_config(5) says of it, with what the target's definition says on top. */
export interface SshConfig {
  /** The name that was asked for, before HostName. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Paths, expanded; they need not exist. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  /** Of the agent's keys, only those of `identityFiles` are offered. */
  readonly identitiesOnly: boolean;
  /** The agent's socket; undefined for none. */
  readonly identityAgent: string | undefined;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | undefined;
  readonly strictHostKeyChecking: 'yes' | 'no' | 'ask' | 'accept-new';
  readonly hashKnownHosts: boolean;
  /** "[user@]host[:port]", comma separated, the first hop first. */
  readonly proxyJump: string | undefined;
  readonly proxyCommand: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  /** ServerAliveInterval. */
  readonly aliveIntervalMs: number | undefined;
  readonly addressFamily: 4 | 6 | undefined;
  readonly bindAddress: string | undefined;
  readonly compression: boolean;
  /** Ways to log in as RFC 4252 names them ("publickey", "password", …) that are switched off. */
  readonly refusedMethods: readonly string[];
  /** How often a person is asked for a password. */
  readonly passwordPrompts: number;
  readonly gssapi: boolean;
  readonly hostbased: boolean;
  /** Lists of names, in their order; undefined where they are ssh's own defaults. */
  readonly kexAlgorithms: readonly string[] | undefined;
  readonly hostKeyAlgorithms: readonly string[] | undefined;
  readonly ciphers: readonly string[] | undefined;
  readonly macs: readonly string[] | undefined;
  /** Keys may sign with SHA-1: PubkeyAcceptedAlgorithms names ssh-rsa. */
  readonly sha1Signatures: boolean;
  /** Options that are set and that only ssh itself can serve, as "PKCS11Provider /usr/lib/opensc.so". */
  readonly onlyForSsh: readonly string[];
}

/** "user@host", and the port where it is not 22. */
export const loginName = ({ user, hostName, port }: SshConfig): string =>
  `${user}@${hostName}${port === 22 ? '' : `:${port}`}`;

/** Has `ssh -G` tell what %C is. ssh2 shares no connection, and ssh one of ours. */
export const TELL_HASH = ['-o', 'ControlPath=/%C'];

/** Reads what `ssh -G` printed; an empty text gives the defaults. */
export function parseSshConfig(
  text: string,
  definition: SshTargetDefinition,
  home: string,
  defaults = '',
): SshConfig {
  const values = keywords(text);
  const defaultValues = keywords(defaults);
  /** The value, where it is given and not "none". */
  const first = (key: string): string | undefined => {
    const value = values.get(key)?.[0];
    return value === 'none' || value === '' ? undefined : value;
  };
  const isOn = (key: string): boolean => ['yes', 'true'].includes(first(key) ?? '');
  const isOff = (key: string): boolean => ['no', 'false'].includes(first(key) ?? '');
  const milliseconds = (key: string): number | undefined => {
    const seconds = Number(first(key) ?? 0);
    return seconds > 0 ? seconds * 1000 : undefined;
  };
  const wished = (key: string): string[] | undefined => {
    const value = first(key);
    return value === undefined || value === defaultValues.get(key)?.[0] ? undefined : value.split(',');
  };

  /** A list lacks something of ssh's defaults. */
  const isWithout = (key: string): boolean => {
    const allowed = wished(key);
    return (
      defaultValues
        .get(key)?.[0]
        ?.split(',')
        .some((name) => allowed?.includes(name) === false) ?? false
    );
  };

  const hostName = first('hostname') ?? definition.host;
  const port = Number(first('port') ?? definition.port ?? 22);
  const user = first('user') ?? definition.user ?? userInfo().username;
  const hostKeyAlias = first('hostkeyalias');
  const proxyJump = first('proxyjump');
  const preferred = first('preferredauthentications')?.split(',');
  const tokens = sshTokens({
    home,
    hash: first('controlpath')?.slice(1),
    host: definition.host,
    hostName,
    port,
    user,
    hostKeyAlias,
    proxyJump,
  });
  const expand = (path: string): string => expandPath(path, home, tokens);
  // ssh -G does not quote: a known_hosts path with a blank in it can not be told from two paths.
  const paths = (key: string, otherwise: string): string[] =>
    (values.get(key)?.[0] ?? otherwise).split(' ').filter((path) => path !== '' && path !== 'none');

  const explicit = definition.identityFile;
  return {
    host: definition.host,
    hostName,
    port,
    user,
    identityFiles: (explicit === undefined ? (values.get('identityfile') ?? DEFAULT_IDENTITIES) : [explicit])
      .filter((path) => path !== 'none')
      .map(expand),
    certificateFiles: (values.get('certificatefile') ?? []).filter((path) => path !== 'none').map(expand),
    // A key that is named for a target is the one to offer: an agent full of keys uses up the server's patience.
    identitiesOnly: explicit !== undefined || isOn('identitiesonly'),
    identityAgent: agentSocket(values.get('identityagent')?.[0] ?? 'SSH_AUTH_SOCK', expand),
    userKnownHostsFiles: paths('userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2').map(expand),
    globalKnownHostsFiles: paths(
      'globalknownhostsfile',
      '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
    ).map(expand),
    hostKeyAlias,
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    hashKnownHosts: isOn('hashknownhosts'),
    proxyJump,
    proxyCommand: first('proxycommand'),
    connectTimeoutMs: milliseconds('connecttimeout'),
    aliveIntervalMs: milliseconds('serveraliveinterval'),
    addressFamily: FAMILIES.get(first('addressfamily') ?? ''),
    bindAddress: first('bindaddress'),
    compression: isOn('compression'),
    refusedMethods: Object.entries(METHOD_SWITCHES).flatMap(([method, keyword]) =>
      isOff(keyword) || preferred?.includes(method) === false ? [method] : [],
    ),
    passwordPrompts: Number(first('numberofpasswordprompts') ?? 3),
    gssapi: isOn('gssapiauthentication') && preferred?.includes('gssapi-with-mic') !== false,
    hostbased: isOn('hostbasedauthentication') && preferred?.includes('hostbased') !== false,
    kexAlgorithms: wished('kexalgorithms'),
    hostKeyAlgorithms: wished('hostkeyalgorithms'),
    ciphers: wished('ciphers'),
    macs: wished('macs'),
    sha1Signatures:
      (wished('pubkeyacceptedalgorithms') ?? wished('pubkeyacceptedkeytypes'))?.includes('ssh-rsa') === true,
    onlyForSsh: [
      ...Object.entries(ONLY_FOR_SSH).flatMap(([keyword, name]) => {
        const value = first(keyword);
        return value === undefined || isOff(keyword) ? [] : [`${name} ${value}`];
      }),
      ...(isOn('nohostauthenticationforlocalhost') && LOOPBACK.test(hostName)
        ? ['NoHostAuthenticationForLocalhost']
        : []),
      ...(isInOrder(preferred) ? [] : ['PreferredAuthentications']),
      // ssh2 signs with the best that the server names; what is allowed beyond ssh's defaults changes nothing.
      ...(isWithout('pubkeyacceptedalgorithms') ? ['PubkeyAcceptedAlgorithms'] : []),
    ],
  };
}

const FAMILIES: ReadonlyMap<string, 4 | 6> = new Map([
  ['inet', 4],
  ['inet6', 6],
]);

/** In the order in which they are tried: the keyword that switches a way to log in off. */
const METHOD_SWITCHES: Readonly<Record<string, string>> = {
  publickey: 'pubkeyauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  password: 'passwordauthentication',
};

/** Whether those of our ways to log in are in our order. */
function isInOrder(preferred: readonly string[] = []): boolean {
  const ways = Object.keys(METHOD_SWITCHES);
  const wished = preferred.filter((method) => ways.includes(method)).map((method) => ways.indexOf(method));
  return wished.every((way, index) => index === 0 || way > (wished[index - 1] ?? 0));
}

const LOOPBACK = /^(127\.[\d.]+|::1|localhost)$/;

const ONLY_FOR_SSH: Readonly<Record<string, string>> = {
  pkcs11provider: 'PKCS11Provider',
  knownhostscommand: 'KnownHostsCommand',
  revokedhostkeys: 'RevokedHostKeys',
  verifyhostkeydns: 'VerifyHostKeyDNS',
  bindinterface: 'BindInterface',
  proxyusefdpass: 'ProxyUseFdpass',
};

/** The values of each keyword, in their order. */
function keywords(text: string): Map<string, string[]> {
  const lines = text.split('\n').flatMap((line) => {
    const blank = line.indexOf(' ');
    return blank > 0 ? [{ key: line.slice(0, blank), value: line.slice(blank + 1).trim() }] : [];
  });
  const named = groupBy(lines, ({ key }) => key);
  return new Map([...named].map(([key, some]) => [key, some.map(({ value }) => value)]));
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];

function agentSocket(value: string, expand: (path: string) => string): string | undefined {
  if (value === 'none') {
    return undefined;
  }
  if (value === 'SSH_AUTH_SOCK' || value.startsWith('$')) {
    const socket = process.env[value.replace(/^\$\{?(\w+)\}?$/, '$1')];
    return socket === '' ? undefined : socket;
  }
  return expand(value);
}

function strictness(value: string | undefined): SshConfig['strictHostKeyChecking'] {
  switch (value) {
    case 'true':
    case 'yes':
      return 'yes';
    case 'false':
    case 'off':
    case 'no':
      return 'no';
    case 'accept-new':
      return 'accept-new';
    default:
      return 'ask';
  }
}
