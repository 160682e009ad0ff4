import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Cleanup } from './machine';

/** Looks at the argv and the environment of all processes, without a pause, until its stdin ends. */
const LOOK = `
const { readdirSync, readFileSync } = require('node:fs');
const read = (file) => { try { return readFileSync(file, 'latin1'); } catch { return ''; } };
const input = process.stdin.on('end', () => {
  process.stdout.write(JSON.stringify({ found: [...found], programs: [...programs] }));
  process.exit();
});
const found = new Set(), programs = new Set();
let secrets = [];
const look = () => {
  for (const pid of readdirSync('/proc')) {
    if (!/^[1-9]/.test(pid) || Number(pid) === process.pid) continue;
    const argv = read('/proc/' + pid + '/cmdline'), environ = read('/proc/' + pid + '/environ');
    programs.add(read('/proc/' + pid + '/comm').trim());
    secrets.forEach((secret, index) => {
      if (argv.includes(secret)) found.add(index + ' in the argv of ' + argv.split('\\0')[0]);
      if (environ.includes(secret)) found.add(index + ' in the environment of ' + argv.split('\\0')[0]);
    });
  }
  setImmediate(look);
};
input.once('data', (text) => { secrets = JSON.parse(text); look(); process.stderr.write('.'); });
`;

interface Seen {
  /** "0 in the argv of sudo": by the position of the secret */
  readonly found: readonly string[];
  /** The names of all processes that there were. */
  readonly programs: readonly string[];
}

/**
 * Watches for secrets where every user of a machine, or every process of one user, can read them.
 * Only root sees the environment of all processes.
 * @returns ends it, and tells what was seen
 */
export async function watchProcesses(
  cleanup: Cleanup,
  secrets: readonly string[],
): Promise<() => Promise<Seen>> {
  const watch = spawn(process.execPath, ['-e', LOOK], { stdio: 'pipe' });
  cleanup.add(() => watch.kill());
  let told = '';
  watch.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  watch.stdin.write(JSON.stringify(secrets));
  await once(watch.stderr, 'data');
  return async () => {
    const closed = once(watch, 'close');
    watch.stdin.end();
    await closed;
    return JSON.parse(told) as Seen;
  };
}
