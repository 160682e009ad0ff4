import { ConnectError } from './errors';
import { fingerprint, keyType, knownHostsName, rememberHostKey, type KnownHosts } from './hostKeys';
import type { Log } from './log';
import type { Prompts } from './prompts';
import { quote } from './quote';
import type { SshConfig } from './sshConfig';

/** The name and the port under which known_hosts has a host; a HostKeyAlias stands for both. */
export function knownAs(config: SshConfig): { host: string; port: number } {
  return config.hostKeyAlias === undefined
    ? { host: config.hostName, port: config.port }
    : { host: config.hostKeyAlias, port: 22 };
}

/** What to do about a changed key. */
export function forgetting(file: string, name: string): string {
  return (
    `If you know that it is the former: ssh-keygen -f ${quote(file)} -R ${quote(name)}. ` +
    'A board that gets a new key whenever it is flashed can have "ephemeralHostKey": true in kmod.targets.'
  );
}

/**
 * Resolves when the key that a host showed may be trusted; asks a person when it is not known.
 * A changed key is refused even with "StrictHostKeyChecking no", with which ssh goes on without passwords.
 * @throws ConnectError 'hostKey'
 */
export async function verifyHostKey(
  key: Buffer,
  config: SshConfig,
  knownHosts: KnownHosts,
  {
    anyHostKey,
    prompts,
    log,
    signal,
  }: { anyHostKey: boolean; prompts: Prompts; log: Log; signal: AbortSignal },
): Promise<void> {
  const { host, port } = knownAs(config);
  const name = knownHostsName(host, port);
  const shown = `${keyType(key)} ${fingerprint(key)}`;
  const refuse = (message: string): never => {
    throw new ConnectError(message, 'hostKey');
  };

  if (anyHostKey) {
    log('warn', `${name}: the host key ${shown} is not checked (ephemeralHostKey)`);
    return;
  }
  const decision = knownHosts.decide(host, port, key);
  switch (decision.kind) {
    case 'known':
      return;
    case 'revoked':
      return refuse(
        `${name}: its host key ${shown} is revoked (${decision.file}:${decision.line}). Do not connect before you know why.`,
      );
    case 'changed':
      return refuse(
        `${name}: the host key has CHANGED. It shows ${shown}, and ${decision.file}:${decision.line} has ` +
          `${decision.knownType} ${decision.knownFingerprint}. Either the target was installed anew, or someone ` +
          `stands between you and it. ${forgetting(decision.file, name)}`,
      );
    case 'unknown':
      break;
  }

  if (config.strictHostKeyChecking === 'yes') {
    return refuse(
      `${name}: its host key ${shown} is not known, and StrictHostKeyChecking is "yes". ` +
        `Add it to ${config.userKnownHostsFiles[0] ?? 'known_hosts'}.`,
    );
  }
  const answer =
    config.strictHostKeyChecking === 'ask'
      ? await prompts.confirmHostKey(
          { host: name, keyType: keyType(key), fingerprint: fingerprint(key) },
          signal,
        )
      : 'remember';
  if (answer === undefined) {
    return refuse(`${name}: its host key ${shown} was not accepted.`);
  }
  const file = config.userKnownHostsFiles[0];
  if (answer === 'remember' && file !== undefined) {
    await rememberHostKey(file, host, port, key, config.hashKnownHosts).catch((error: Error) => {
      // As for ssh: a key that was accepted is good for this connection even if it can not be written down.
      log('warn', `${name}: the accepted host key could not be written to ${file}: ${error.message}`);
    });
  }
}
