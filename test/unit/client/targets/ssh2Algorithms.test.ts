import { describe, expect, it } from 'vitest';
import { algorithms, weaknesses } from '../../../../client/targets/ssh2Algorithms';
import { parseSshConfig } from '../../../../client/targets/sshConfig';

const listed = (text = ''): string[] => {
  const config = parseSshConfig(text, { kind: 'ssh', name: 'x', host: 'x' }, '/home/me');
  const { kex, serverHostKey, cipher, hmac } = algorithms(config, []);
  return [kex, serverHostKey, cipher, hmac].flatMap((names) => (Array.isArray(names) ? names : []));
};

describe('the algorithms that are offered', () => {
  it('are none that OpenSSH’s client has given up', () => {
    expect(weaknesses(listed())).toBeUndefined();
    expect(listed()).toEqual(expect.arrayContaining(['rsa-sha2-512', 'curve25519-sha256']));
  });

  it.each([
    ['kexalgorithms diffie-hellman-group1-sha1', 'a key exchange with SHA-1 and 1024 bits'],
    ['kexalgorithms curve25519-sha256,diffie-hellman-group14-sha1', 'a key exchange with SHA-1'],
    ['hostkeyalgorithms ssh-ed25519,ssh-rsa', 'signatures with SHA-1'],
    ['hostkeyalgorithms ssh-dss', 'DSA keys of 1024 bits'],
    ['ciphers 3des-cbc', 'the cipher 3des-cbc'],
    ['macs hmac-sha1-96', 'the MAC hmac-sha1-96'],
  ])('are also those that ssh_config names, and that is told: %s', (line, told) => {
    expect(weaknesses(listed(line))).toBe(told);
  });
});
