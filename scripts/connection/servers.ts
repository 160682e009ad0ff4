import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runProgram } from '../../engine/base/startProgram';
import { librariesOf } from '../../client/targets/scratch/programs';
import { script } from '../../client/targets/script';
import type { Target } from '../../client/targets/target';

export const HOST = '127.0.0.1';

/** An SSH server of a guest, as it is reached from here. */
export interface Server {
  readonly name: 'dropbear' | 'OpenSSH';
  readonly port: number;
  /** "ssh-ed25519 AAAA…" */
  readonly hostKey: string;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const SSHD = '/usr/sbin/sshd';
const SFTP_SERVER = '/usr/lib/openssh/sftp-server';
const SSHD_PORT = 2222;

/** The guest's second network, for the second server: the first one's port is all that is forwarded of the first. */
export const secondNetwork = (port: number): string[] => [
  ...[
    '-netdev',
    `user,id=second,restrict=on,net=10.0.3.0/24,hostfwd=tcp:${HOST}:${port}-10.0.3.15:${SSHD_PORT}`,
  ],
  ...['-device', 'virtio-net-pci,netdev=second,romfile='],
];

const START_SSHD = `
set -e
ifconfig eth1 10.0.3.15 netmask 255.255.255.0 up
mkdir -p /run/sshd
chmod 755 ${SSHD} /run/sshd
chmod 600 /etc/ssh/host_key
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >> /etc/passwd
${SSHD} -f /etc/ssh/sshd_config </dev/null >/dev/null`;

const SSHD_CONFIG = `Port ${SSHD_PORT}
HostKey /etc/ssh/host_key
PidFile none
UseDNS no
Subsystem sftp ${SFTP_SERVER}
`;

/** Puts OpenSSH's server beside the guest's own. */
export async function startSshd(guest: Target, port: number, directory: string): Promise<Server> {
  const key = join(directory, 'host_key');
  await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
  const libraries = new Set([...(await librariesOf(SSHD)), ...(await librariesOf(SFTP_SERVER))]);
  const config = join(directory, 'sshd_config');
  await writeFile(config, SSHD_CONFIG);
  const files = {
    '/etc/ssh/host_key': key,
    '/etc/ssh/sshd_config': config,
    [SSHD]: SSHD,
    [SFTP_SERVER]: SFTP_SERVER,
  };
  const sources = Object.entries({
    ...files,
    ...Object.fromEntries([...libraries].map((library) => [library, library])),
  });
  for (const [path, source] of sources) {
    const { exitCode } = await guest.run(script('[ ! -e "$1" ] && mkdir -p "${1%/*}"', [path]));
    if (exitCode === 0) {
      await guest.upload(await readFile(source), path);
      await guest.run(['chmod', '755', path]);
    }
  }
  const { exitCode, stderr } = await guest.run(script(START_SSHD, []));
  if (exitCode !== 0) {
    throw new Error(`OpenSSH's sshd does not start in the guest: ${stderr}`);
  }
  const hostKey = (await readFile(`${key}.pub`, 'utf8')).trim();
  return { name: 'OpenSSH', port, hostKey };
}
