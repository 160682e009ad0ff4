import { execFile } from 'node:child_process';
import { kmodVersionIn, type KmodVersion } from '../kmod/config/versions';

const PATIENCE_MS = 2000;

let asked: Promise<KmodVersion | undefined> | undefined;

/** The kmod of this machine; undefined: there is none, or it does not say. It is asked once. */
export function installedKmodVersion(): Promise<KmodVersion | undefined> {
  return (asked ??= new Promise((resolve) => {
    // Users who are not root may not have it in their PATH. MODPROBE_OPTIONS shall not get in the way.
    const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    const options = { env, timeout: PATIENCE_MS };
    execFile('modprobe', ['--version'], options, (_error, stdout) => {
      resolve(kmodVersionIn(stdout));
    });
  }));
}
