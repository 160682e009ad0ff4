import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { canRunSystemSsh } from './sshCommandLine';
import type { SshConfig } from './sshConfig';

/**
 * What ssh_config may name, and ssh2 has. Where it names nothing, those are allowed that OpenSSH's client allows today
 * (its myproposal.h).
 */
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

/** Why OpenSSH's client allows an algorithm no more by default; undefined: it does. Its HMAC with SHA-1 is still good. */
function weakness(algorithm: string): string | undefined {
  switch (algorithm) {
    case 'ssh-rsa':
      return 'signatures with SHA-1';
    case 'ssh-dss':
      return 'DSA keys of 1024 bits';
    case 'diffie-hellman-group1-sha1':
      return 'a key exchange with SHA-1 and 1024 bits';
    case 'hmac-sha1':
    case 'hmac-sha1-etm@openssh.com':
      return undefined;
  }
  if (algorithm.endsWith('-cbc')) {
    return `the cipher ${algorithm}`;
  }
  if (algorithm.startsWith('hmac-') && (algorithm.endsWith('-96') || algorithm.includes('md5'))) {
    return `the MAC ${algorithm}`;
  }
  return algorithm.includes('sha1') ? 'a key exchange with SHA-1' : undefined;
}

/** Without what only ssh_config can allow. */
const ofToday = <T extends string>(supported: readonly T[]): T[] =>
  supported.filter((name) => weakness(name) === undefined);

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
  const hostKeys = ofToday(HOST_KEYS);
  return {
    serverHostKey:
      hostKeyAlgorithms === undefined
        ? [...hostKeys.filter(isKnown), ...hostKeys.filter((algorithm) => !isKnown(algorithm))]
        : both(hostKeyAlgorithms, HOST_KEYS),
    kex: kexAlgorithms === undefined ? ofToday(KEX) : both(kexAlgorithms, KEX),
    // ssh2's own defaults have no CBC and no short MAC.
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

/** The weak ones of some algorithms, as a person is told of them; undefined: there are none. */
export function weaknesses(algorithms: readonly string[]): string | undefined {
  const found = new Set(algorithms.flatMap((name) => weakness(name) ?? []));
  return found.size === 0 ? undefined : [...found].join(', ');
}
