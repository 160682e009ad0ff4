import { execFile } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

import { ConnectError } from './errors';
import type { SshTargetDefinition } from './definition';

/** How to reach a host: what ssh_config(5) says of it, with what the target's definition says on top. */
export interface SshConfig {
  /** The name that was asked for, before HostName. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Paths, expanded; they need not exist. */
  readonly identityFiles: readonly string[];
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
}

interface ReadOptions {
  /** The home directory that `~` means; the login's unless told. */
  readonly homeDirectory?: string;
  /** Read instead of ~/.ssh/config and /etc/ssh/ssh_config (ssh -F). */
  readonly configFile?: string;
  readonly signal?: AbortSignal;
}

/** `Match exec` may run anything: ssh -G gets a limit like all else. */
const SSH_G_TIMEOUT_MS = 10_000;

/** Without an option's leading dash and without white space, control and shell characters, as ssh itself wants it. */
const HOST = /^[^-\s\p{Cc}'"`$\\;&<>|(){}!*?#~][^\s\p{Cc}'"`$\\;&<>|(){}!*?#~]*$/u;
const USER = /^[^-\s\p{Cc}'"`;&<>|(){}$][^\p{Cc}'"`;&<>|(){}$]*$/u;

/**
 * Asks `ssh -G`, the only reader for which Include and Match are right; without an ssh on this machine
 * the defaults of ssh_config(5) hold.
 * @throws ConnectError 'configuration', or the signal's reason
 */
export async function readSshConfig(
  definition: SshTargetDefinition,
  options: ReadOptions = {},
): Promise<SshConfig> {
  checkDefinition(definition);
  const home = options.homeDirectory ?? homedir();
  const argv = [
    '-G',
    ...(options.configFile === undefined ? [] : ['-F', options.configFile]),
    ...(definition.port === undefined ? [] : ['-p', String(definition.port)]),
    ...(definition.user === undefined ? [] : ['-l', definition.user]),
    '--',
    definition.host,
  ];
  const printed = await sshPrints(argv, definition, options.signal);
  return parseSshConfig(printed ?? '', definition, home);
}

/** Reads what `ssh -G` printed; an empty text gives the defaults. */
export function parseSshConfig(text: string, definition: SshTargetDefinition, home: string): SshConfig {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const blank = line.indexOf(' ');
    if (blank > 0) {
      const key = line.slice(0, blank);
      values.set(key, [...(values.get(key) ?? []), line.slice(blank + 1).trim()]);
    }
  }
  /** The value, where it is given and not "none". */
  const first = (key: string): string | undefined => {
    const value = values.get(key)?.[0];
    return value === 'none' || value === '' ? undefined : value;
  };

  const hostName = first('hostname') ?? definition.host;
  const port = Number(first('port') ?? definition.port ?? 22);
  const user = first('user') ?? definition.user ?? userInfo().username;
  const expand = (path: string): string =>
    expandTokens(
      path.startsWith('~/') ? join(home, path.slice(2)) : path.replaceAll(/\$\{(\w+)\}/g, environment),
      { d: home, h: hostName, n: definition.host, p: String(port), r: user, u: userInfo().username },
    );
  // ssh -G does not quote: a known_hosts path with a blank in it can not be told from two paths.
  const paths = (key: string, otherwise: string): string[] =>
    (values.get(key)?.[0] ?? otherwise).split(' ').filter((path) => path !== '' && path !== 'none');

  const explicit = definition.identityFile;
  const timeout = Number(first('connecttimeout') ?? 0);
  return {
    host: definition.host,
    hostName,
    port,
    user,
    identityFiles: (explicit === undefined ? (values.get('identityfile') ?? DEFAULT_IDENTITIES) : [explicit])
      .filter((path) => path !== 'none')
      .map(expand),
    // A key that is named for a target is the one to offer: an agent full of keys uses up the server's patience.
    identitiesOnly: explicit !== undefined || first('identitiesonly') === 'yes',
    identityAgent: agentSocket(values.get('identityagent')?.[0] ?? 'SSH_AUTH_SOCK', expand),
    userKnownHostsFiles: paths('userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2').map(expand),
    globalKnownHostsFiles: paths(
      'globalknownhostsfile',
      '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
    ).map(expand),
    hostKeyAlias: first('hostkeyalias'),
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    proxyJump: first('proxyjump'),
    proxyCommand: first('proxycommand'),
    connectTimeoutMs: timeout > 0 ? timeout * 1000 : undefined,
  };
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];

/** Replaces the %-tokens of ssh_config(5) that are given; "%%" is a per cent sign. */
export function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replaceAll(/%(.)/g, (whole, letter: string) =>
    letter === '%' ? '%' : (tokens[letter] ?? whole),
  );
}

function environment(whole: string, name: string): string {
  return process.env[name] ?? whole;
}

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

function checkDefinition({ name, host, port, user }: SshTargetDefinition): void {
  const refuse = (what: string): never => {
    throw new ConnectError(`${name}: ${what}. Correct it in the setting kmod.targets.`, 'configuration');
  };
  if (!HOST.test(host)) {
    refuse(`${JSON.stringify(host)} can not be a host name`);
  }
  if (user !== undefined && !USER.test(user)) {
    refuse(`${JSON.stringify(user)} can not be a user name`);
  }
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    refuse(`${port} can not be a port`);
  }
}

/** What ssh prints; undefined when there is no ssh on this machine. */
function sshPrints(
  argv: readonly string[],
  definition: SshTargetDefinition,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(
      'ssh',
      argv,
      { timeout: SSH_G_TIMEOUT_MS, maxBuffer: 1 << 20, ...(signal === undefined ? {} : { signal }) },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else if (signal?.aborted === true) {
          reject(signal.reason as Error);
        } else if (error.code === 'ENOENT') {
          resolve(undefined);
        } else {
          const why = error.killed === true ? `no answer in ${SSH_G_TIMEOUT_MS / 1000} s` : stderr.trim();
          reject(
            new ConnectError(
              `${definition.name}: the SSH configuration could not be read (ssh -G ${definition.host}): ${why}`,
              'configuration',
              { cause: error },
            ),
          );
        }
      },
    );
  });
}
