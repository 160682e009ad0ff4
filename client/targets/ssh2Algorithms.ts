import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { canRunSystemSsh } from './sshCommandLine';
import type { SshConfig } from './sshConfig';

const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
  'ssh-dss',
];

/**
 * The primes of a group exchange are the server's, and Node tests them for a minute where they have 8192 bits, in
 * which the editor's other extensions stand still too: only where ssh itself, which does not, can not go on.
 */
const GROUP_EXCHANGE: readonly KexAlgorithm[] = canRunSystemSsh()
  ? []
  : ['diffie-hellman-group-exchange-sha256', 'diffie-hellman-group-exchange-sha1'];

/** Those with SHA-1 are for servers of before 2014, chosen when these have nothing better. */
const KEX: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group1-sha1',
  ...GROUP_EXCHANGE,
];

/** OpenSSL 3 has no others without its legacy provider. */
const CIPHERS: readonly CipherAlgorithm[] = [
  'chacha20-poly1305@openssh.com',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes256-cbc',
  'aes192-cbc',
  'aes128-cbc',
  '3des-cbc',
];

const MACS: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
  'hmac-sha2-256-96',
  'hmac-sha2-512-96',
  'hmac-sha1-96',
];

const both = <T extends string>(wished: readonly string[], supported: readonly T[]): T[] =>
  wished.flatMap((name) => supported.filter((each) => each === name));

/**
 * Lists of ssh_config hold as they are, without what ssh2 does not have. Host keys of a type that is known
 * for the host go first, as with OpenSSH: else a host with several keys would look changed.
 */
export function algorithms(config: SshConfig, knownTypes: readonly string[]): Algorithms {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.startsWith('rsa-sha2') ? 'ssh-rsa' : algorithm);
  const { kexAlgorithms, hostKeyAlgorithms, ciphers, macs, compression } = config;
  return {
    serverHostKey:
      hostKeyAlgorithms === undefined
        ? [...HOST_KEYS.filter(isKnown), ...HOST_KEYS.filter((algorithm) => !isKnown(algorithm))]
        : both(hostKeyAlgorithms, HOST_KEYS),
    kex: kexAlgorithms === undefined ? [...KEX] : both(kexAlgorithms, KEX),
    ...(ciphers === undefined ? {} : { cipher: both(ciphers, CIPHERS) }),
    ...(macs === undefined ? {} : { hmac: both(macs, MACS) }),
    ...(compression ? { compress: ['zlib@openssh.com', 'zlib', 'none'] } : {}),
  };
}

/** The first list of ssh_config of which ssh2 has nothing at all, as "KexAlgorithms sntrup761x25519-sha512". */
export function unsupportedList(config: SshConfig): string | undefined {
  const lists: readonly [string, readonly string[] | undefined, readonly string[]][] = [
    ['KexAlgorithms', config.kexAlgorithms, KEX],
    ['HostKeyAlgorithms', config.hostKeyAlgorithms, HOST_KEYS],
    ['Ciphers', config.ciphers, CIPHERS],
    ['MACs', config.macs, MACS],
  ];
  const unsupported = lists.find(
    ([, wished, supported]) => wished !== undefined && both(wished, supported).length === 0,
  );
  return unsupported === undefined ? undefined : `${unsupported[0]} ${unsupported[1]?.join(',') ?? ''}`;
}
