import { homedir } from 'node:os';
import { runProgram } from '../../engine/base/startProgram';
import type { SshTargetDefinition } from './definition';
import { ConnectError } from './errors';
import { sshArguments } from './sshCommandLine';
import { parseSshConfig, TELL_HASH, type SshConfig } from './sshConfig';

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
  const [printed, defaults] = await Promise.all([
    sshPrints([...TELL_HASH, ...sshArguments(definition, options.configFile)], definition, options.signal),
    // A list of algorithms that differs from ssh's own was wished for.
    sshPrints(['-F', 'none', 'localhost'], definition, options.signal),
  ]);
  return parseSshConfig(printed ?? '', definition, home, defaults);
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
async function sshPrints(
  argv: readonly string[],
  definition: SshTargetDefinition,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const limits = { timeout: SSH_G_TIMEOUT_MS, maxBuffer: 1 << 20 };
  try {
    const options = { ...limits, ...(signal === undefined ? {} : { signal }) };
    return (await runProgram('ssh', ['-G', ...argv], options)).stdout;
  } catch (caught) {
    signal?.throwIfAborted();
    const error = caught as Error & { code?: unknown; killed?: boolean; stderr?: string };
    if (error.code === 'ENOENT') {
      return undefined;
    }
    const why =
      error.killed === true
        ? `no answer in ${SSH_G_TIMEOUT_MS / 1000} s`
        : (error.stderr ?? error.message).trim();
    throw new ConnectError(
      `${definition.name}: the SSH configuration could not be read (ssh -G ${definition.host}): ${why}`,
      'configuration',
      { cause: error },
    );
  }
}
