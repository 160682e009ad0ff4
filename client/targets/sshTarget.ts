import type { SshTargetDefinition } from './definition';
import { ConnectError } from './errors';
import { KnownHosts } from './hostKeys';
import type { Log } from './log';
import type { Prompts } from './prompts';
import { readSshConfig } from './readSshConfig';
import { Ssh2Login, type LoginOptions } from './ssh2Login';
import { canRunSystemSsh } from './sshCommandLine';
import { loginName, type SshConfig } from './sshConfig';
import type { SshConnection } from './sshConnection';
import { SshSession } from './sshSession';
import { sweepPrivateDirectories } from './privateDirectory';
import { openTransport } from './sshTransport';
import { connectThroughSsh, type SystemSshOptions } from './systemSsh';
import { onlySystemSsh, SystemSshRequired } from './systemSshReason';
import type { Target } from './target';
import { knownAs } from './verifyHostKey';

export interface SshOptions {
  readonly prompts: Prompts;
  readonly log?: Log;
  /** Gives the attempt up; a target that is open is closed with dispose(). */
  readonly signal?: AbortSignal;
  /** Told what is being done, for a person. */
  readonly step?: (text: string) => void;
  readonly homeDirectory?: string;
  /** Read instead of ~/.ssh/config and /etc/ssh/ssh_config (ssh -F). */
  readonly configFile?: string;
  /** Instead of what `ssh -G` says. */
  readonly config?: SshConfig;
  /** The one host key to trust, "ssh-ed25519 AAAA…": known_hosts is then neither read nor written. */
  readonly hostKey?: string;
  readonly limits?: Partial<SshLimits>;
}

interface SshLimits {
  /** For the TCP connection, milliseconds; ConnectTimeout of ssh_config goes before. */
  readonly connectMs: number;
  /** For each answer of the server while logging in, milliseconds; a person's time to answer does not count. */
  readonly answerMs: number;
  /**
   * Between two signs of life, milliseconds; after four without any the connection is lost. A shorter
   * ServerAliveInterval of ssh_config goes before; a longer one is for firewalls, and this one serves these too.
   */
  readonly keepaliveMs: number;
}

/** Once a process: what an earlier one left when it was killed. */
let swept: Promise<void> | undefined;

const LIMITS: SshLimits = { connectMs: 15_000, answerMs: 20_000, keepaliveMs: 5_000 };

/**
 * Connects to a target over SSH: with ssh2, or with the system's ssh where the configuration asks for what
 * ssh2 does not have. Which of the two is told in the log and by the target's `via`.
 * @throws ConnectError, or the signal's reason
 */
export async function openSshTarget(definition: SshTargetDefinition, options: SshOptions): Promise<Target> {
  const log: Log = options.log ?? (() => undefined);
  const limits = { ...LIMITS, ...options.limits };
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  swept ??= sweepPrivateDirectories();
  const { homeDirectory, configFile, config: given } = options;
  const reading = {
    signal,
    ...(homeDirectory === undefined ? {} : { homeDirectory }),
    ...(configFile === undefined ? {} : { configFile }),
  };
  const config = given ?? (await readSshConfig(definition, reading));
  const anyHostKey = definition.ephemeralHostKey === true;
  const knownHosts = await readKnownHosts(config, anyHostKey, options.hostKey);
  const keepaliveMs = Math.min(limits.keepaliveMs, config.aliveIntervalMs ?? Infinity);
  const login: LoginOptions = {
    config,
    explicitKey: definition.identityFile !== undefined,
    knownHosts,
    anyHostKey,
    prompts: options.prompts,
    log,
    step: options.step,
    answerMs: limits.answerMs,
    keepaliveMs,
  };
  const connectMs = config.connectTimeoutMs ?? limits.connectMs;
  const system: SystemSshOptions = { ...login, definition, configFile, connectMs };
  const made = (connection: SshConnection): SshSession =>
    new SshSession(definition.name, connection, {
      login: loginName(config),
      user: config.user,
      prompts: options.prompts,
      log,
      keepaliveMs,
    });

  if (anyHostKey) {
    log('warn', `${definition.name}: its host key is not checked (ephemeralHostKey)`);
  }
  // A configuration that was handed over is no file that ssh could read.
  const mayChoose = given === undefined && canRunSystemSsh();
  const reason = mayChoose ? await onlySystemSsh(config, knownHosts, log) : undefined;
  if (reason !== undefined) {
    return connectThroughSsh(system, reason, made, signal);
  }
  try {
    return await connectWithSsh2(login, { configFile, connectMs }, made, signal);
  } catch (error) {
    if (mayChoose && error instanceof SystemSshRequired) {
      return connectThroughSsh(system, error.message, made, signal);
    }
    throw error instanceof SystemSshRequired ? error.otherwise : error;
  }
}

async function connectWithSsh2<T>(
  options: LoginOptions,
  { configFile, connectMs }: { configFile: string | undefined; connectMs: number },
  made: (connection: SshConnection) => T,
  signal: AbortSignal,
): Promise<T> {
  let login: Ssh2Login | undefined;
  const opening = { timeoutMs: connectMs, configFile, patience: () => login?.patience, signal };
  const transport = await openTransport(options, opening);
  try {
    login = new Ssh2Login(transport, options);
    return await login.run(made, signal);
  } catch (error) {
    transport.stream.on('error', () => undefined).destroy();
    throw error;
  }
}

async function readKnownHosts(
  config: SshConfig,
  anyHostKey: boolean,
  hostKey: string | undefined,
): Promise<KnownHosts> {
  if (hostKey !== undefined) {
    const { host, port } = knownAs(config);
    return KnownHosts.pinned(host, port, hostKey);
  }
  const files = anyHostKey ? [] : [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles];
  return KnownHosts.read(files).catch((error: Error) => {
    throw new ConnectError(`The known host keys can not be read: ${error.message}`, 'configuration', {
      cause: error,
    });
  });
}
