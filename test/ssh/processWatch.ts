import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cleanup } from './machine';

/** Looks at the argv and the environment of all processes, without a pause. A line of stdin asks for what was seen. */
const LOOK = `
const { readdirSync, readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const read = (file) => { try { return readFileSync(file, 'latin1'); } catch { return ''; } };
const found = new Set(), programs = new Set();
let secrets, asked = 0;
const look = () => {
  const answers = asked;
  for (const pid of readdirSync('/proc')) {
    if (!/^[1-9]/.test(pid) || Number(pid) === process.pid) continue;
    const argv = read('/proc/' + pid + '/cmdline'), environ = read('/proc/' + pid + '/environ');
    programs.add(read('/proc/' + pid + '/comm').trim());
    secrets.forEach((secret, index) => {
      if (argv.includes(secret)) found.add(index + ' in the argv of ' + argv.split('\\0')[0]);
      if (environ.includes(secret)) found.add(index + ' in the environment of ' + argv.split('\\0')[0]);
    });
  }
  for (let left = answers; left > 0; left -= 1) {
    console.log(JSON.stringify({ found: [...found], programs: [...programs] }));
  }
  asked -= answers;
  setImmediate(look);
};
createInterface(process.stdin).on('close', () => process.exit()).on('line', (line) => {
  if (secrets) { asked += 1; return; }
  secrets = JSON.parse(line);
  look();
});
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
 * @returns looks at all processes that there are from the call on, and tells what was seen since the beginning
 */
export function watchProcesses(cleanup: Cleanup, secrets: readonly string[]): () => Promise<Seen> {
  const watch = spawn(process.execPath, ['-e', LOOK], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanup.add(() => watch.kill());
  const answers = createInterface(watch.stdout);
  watch.stdin.write(`${JSON.stringify(secrets)}\n`);
  return () =>
    new Promise((resolve) => {
      answers.once('line', (line) => resolve(JSON.parse(line) as Seen));
      watch.stdin.write('\n');
    });
}
