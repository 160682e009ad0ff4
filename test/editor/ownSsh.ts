import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, type Cleanup } from '../ssh/machine';

/** An ssh that knows nothing of the developer's own files: it takes the home directory from passwd(5), not from HOME. */
export function ownSsh(
  cleanup: Cleanup,
  /** Lines of its ssh_config that go first. */
  lines: readonly string[] = [],
): { knownHosts: string; env: Record<string, string> } {
  const directory = temporaryDirectory(cleanup);
  const knownHosts = join(directory, 'known_hosts');
  const config = join(directory, 'config');
  const all = [...lines, 'Host *', `  UserKnownHostsFile ${knownHosts}`, '  HashKnownHosts no', ''];
  writeFileSync(config, all.join('\n'));
  writeFileSync(join(directory, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`);
  chmodSync(join(directory, 'ssh'), 0o755);
  return { knownHosts, env: { PATH: `${directory}:${process.env['PATH'] ?? ''}`, SSH_AUTH_SOCK: '' } };
}
