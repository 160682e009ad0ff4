import { access } from 'node:fs/promises';
import { runProgram } from '../../engine/base/startProgram';
import { SSH_KEY } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';
import type { ConnectError } from './errors';
import type { KnownHosts } from './hostKeys';
import type { Log } from './log';
import { unsupportedList } from './ssh2Algorithms';
import type { SshConfig } from './sshConfig';
import { openPart } from './sshKeys';
import { knownAs } from './verifyHostKey';

/** Found out while ssh2 logs in: only ssh itself can go on. The message is the reason. */
export class SystemSshRequired extends Error {
  override readonly name = 'SystemSshRequired';
  constructor(
    reason: string,
    /** What to tell where there is no ssh. */
    readonly otherwise: ConnectError,
  ) {
    super(reason);
  }
}

/** Why only ssh itself can serve a configuration, for a person; undefined when ssh2 can. */
export async function onlySystemSsh(
  config: SshConfig,
  knownHosts: KnownHosts,
  log: Log,
): Promise<string | undefined> {
  const { host, port } = knownAs(config);
  return (
    config.onlyForSsh[0] ??
    unsupportedList(config) ??
    (knownHosts.hasAuthority(host, port) ? 'known_hosts names a certificate authority for it' : undefined) ??
    (config.refusedMethods.includes('publickey')
      ? undefined
      : ((await certificate(config)) ?? (await keyFile(config)) ?? (await agentKey(config, log))))
  );
}

async function certificate({ certificateFiles, identityFiles }: SshConfig): Promise<string | undefined> {
  // As ssh does it: a certificate that lies beside its key needs no naming.
  const files = [...certificateFiles, ...identityFiles.map((path) => `${path}-cert.pub`)];
  for (const path of files) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      return `the certificate ${path}`;
    }
  }
  return undefined;
}

async function keyFile({ identityFiles }: SshConfig): Promise<string | undefined> {
  for (const path of identityFiles) {
    const data = await readRegularFile(path, SSH_KEY).catch(() => undefined);
    const open = data === undefined ? undefined : openPart(data);
    if ((open?.publicKey.toString('latin1', 4) ?? data?.toString('latin1'))?.startsWith('sk-') === true) {
      return `the security key of ${path}`;
    }
    if (open?.cipher.startsWith('chacha20') === true) {
      return `the cipher of ${path}`;
    }
  }
  return undefined;
}

const AGENT_LIMIT_MS = 5_000;

async function agentKey({ identityAgent, identitiesOnly }: SshConfig, log: Log): Promise<string | undefined> {
  // With IdentitiesOnly the files tell: they have been looked at.
  if (identityAgent === undefined || identitiesOnly) {
    return undefined;
  }
  const env = { ...process.env, SSH_AUTH_SOCK: identityAgent };
  const { stdout } = await runProgram('ssh-add', ['-L'], { env, timeout: AGENT_LIMIT_MS }).catch(
    (error: Error & { code?: number | string; stdout?: string }) => {
      // 1: it holds no keys. ssh2 says what else is wrong with it.
      if (error.code !== 1) {
        log('debug', `ssh-add -L: ${error.message}`);
      }
      return { stdout: error.stdout ?? '' };
    },
  );
  const line = stdout.split('\n').find((each) => /^(sk-\S+|\S+-cert-v01@openssh\.com) /.test(each));
  return line === undefined ? undefined : `the agent's ${line.split(' ')[0]}`;
}
