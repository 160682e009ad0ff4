// The .vsix as a user gets it.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @param {string} vsix The file to write. */
export function packageExtension(vsix) {
  execFileSync('npm', ['run', '--silent', 'package', '--', '--out', vsix], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
