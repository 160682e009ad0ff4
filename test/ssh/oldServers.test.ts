import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConnectError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import { useLoginServer } from './loginServer';
import { startSshd } from './machine';
import { Person } from './opening';

const { cleanup, here, open: openAt, works } = useLoginServer({ loginType: 'rsa' });

/** What a server has, and nothing better. */
const SERVERS: readonly (readonly [string, readonly string[]])[] = [
  ['host keys of ssh-rsa', ['HostKeyAlgorithms ssh-rsa']],
  ['diffie-hellman-group14-sha1', ['KexAlgorithms diffie-hellman-group14-sha1']],
  ['diffie-hellman-group1-sha1', ['KexAlgorithms diffie-hellman-group1-sha1']],
  ['a group exchange with SHA-1', ['KexAlgorithms diffie-hellman-group-exchange-sha1']],
  ['a group exchange', ['KexAlgorithms diffie-hellman-group-exchange-sha256']],
  ['aes128-cbc', ['Ciphers aes128-cbc']],
  ['3des-cbc', ['Ciphers 3des-cbc']],
  ['hmac-sha1-96', ['Ciphers aes128-ctr', 'MACs hmac-sha1-96']],
  ['hmac-md5', ['Ciphers aes128-ctr', 'MACs hmac-md5']],
  ['umac-64', ['Ciphers aes128-ctr', 'MACs umac-64@openssh.com']],
  [
    'all of 2008',
    [
      'HostKeyAlgorithms ssh-rsa',
      'PubkeyAcceptedAlgorithms ssh-rsa',
      'KexAlgorithms diffie-hellman-group1-sha1',
      'Ciphers aes128-cbc,3des-cbc',
      'MACs hmac-sha1,hmac-md5',
    ],
  ],
];

const OLD = [
  'KexAlgorithms +diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1',
  'HostKeyAlgorithms +ssh-rsa',
  'Ciphers +aes128-cbc,3des-cbc',
  'MACs +hmac-sha1-96,hmac-md5',
];
const CONFIGURATIONS: readonly (readonly string[])[] = [
  [],
  OLD,
  // An sshd of today says that it takes RSA with SHA-256, also where it does not.
  [...OLD, 'PubkeyAcceptedAlgorithms ssh-rsa'],
  ['KexAlgorithms diffie-hellman-group1-sha1', 'HostKeyAlgorithms +ssh-rsa', 'Ciphers aes128-cbc'],
];

describe.each(SERVERS)('a server that has only %s', (_what, settings) => {
  let port: number;
  beforeAll(async () => {
    ({ port } = await startSshd(cleanup, { hostKeys: [here.host, here.rsaHost], settings }));
  });

  const open = (configLines: readonly string[]): Promise<Target> =>
    openAt({
      port,
      knownHosts: join(here.directory, `known_hosts_${port}`),
      prompts: new Person({ hostKey: 'once' }),
      configLines: [...configLines, 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    });

  it('is reached wherever ssh reaches it, and else tells what ssh tells', async () => {
    for (const lines of CONFIGURATIONS) {
      const said = whatSshSays(lines);
      const ours = await open(lines).catch((error: unknown) => error);
      if (ours instanceof ConnectError) {
        expect([lines, ours.message]).toEqual([lines, expect.stringContaining(said)]);
      } else {
        await works(ours as Target);
        await (ours as Target).dispose();
      }
    }
  });

  it('is reached in the end by who follows what the messages say', async () => {
    const lines = settings.filter((line) => line.startsWith('PubkeyAcceptedAlgorithms'));
    for (let target: Target | undefined; target === undefined;) {
      target = await open(lines).catch((error: ConnectError) => {
        const line = /in ~\/\.ssh\/config: (\S+ \S+)$/.exec(error.message)?.[1] ?? error.message;
        expect(lines).not.toContain(line);
        lines.push(line);
        return undefined;
      });
    }
  });

  /** Why ssh itself does not log in; a sentence that no message holds where it does. */
  function whatSshSays(lines: readonly string[]): string {
    const file = join(here.directory, 'config');
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const settings = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes'];
    const argv = [
      '-F',
      file,
      '-i',
      here.login,
      '-p',
      String(port),
      ...settings.flatMap((each) => ['-o', each]),
    ];
    const { status, stderr } = spawnSync('ssh', [...argv, `${here.user.name}@127.0.0.1`, 'true'], {
      encoding: 'utf8',
      env: { ...process.env, SSH_AUTH_SOCK: '' },
    });
    if (status === 0) {
      return 'ssh itself is let in';
    }
    return (
      /no matching .* found\. Their offer: [^\s,]+/.exec(stderr)?.[0] ??
      (stderr.includes('Permission denied') ? 'refused' : stderr)
    );
  }
});
