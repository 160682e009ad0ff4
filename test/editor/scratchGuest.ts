import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The QEMU processes that the extension hosts of a session run: all that a session writes is beside its workspace. */
export function scratchMachines(workspace: string): { pid: number; argv: string[] }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), argv: commandLine(entry) }))
    .filter(
      ({ argv }) =>
        /qemu-system/.test(argv[0] ?? '') && argv.some((word) => word.startsWith(`${dirname(workspace)}/`)),
    );
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // The process has ended meanwhile.
    return [];
  }
}

/** What a command prints in the guest of a session's scratch kernel, through OpenSSH's own client. */
export function inGuest(workspace: string, command: string): string {
  const [machine] = scratchMachines(workspace);
  const word = (pattern: RegExp): string =>
    machine?.argv.map((text) => pattern.exec(text)?.[1]).find((found) => found !== undefined) ?? '';
  const port = word(/hostfwd=tcp:127\.0\.0\.1:(\d+)-:22/);
  const cache = dirname(word(/^(\/.*\.cpio)$/));
  const options = [
    '-F',
    'none',
    '-i',
    join(cache, 'keys/id_ed25519'),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  return execFileSync('ssh', [...options, '-p', port, 'root@127.0.0.1', command], { encoding: 'utf8' });
}
