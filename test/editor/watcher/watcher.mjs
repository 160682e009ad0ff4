// An extension for the tests: it measures how long the loop of its extension host, and that of our language server,
// is kept from going on, and notes the programs that our code starts there. In the folder KMOD_WATCH each process has
// a file PID.json of its own, and `programs` has a line a program.
import childProcess from 'node:child_process';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/** Milliseconds between two looks at the loop. */
const PERIOD = 100;

const folder = process.env['KMOD_WATCH'] ?? '/tmp';
const isServer = process.argv[1]?.endsWith('/dist/server.js') === true;

/** @param {'extension host' | 'language server'} name */
function watchLoop(name) {
  const file = join(folder, `${process.pid}.json`);
  const worst = { wall: 0, processor: 0 };
  let at = performance.now();
  let usage = process.cpuUsage();
  const look = () => {
    const { user, system } = process.cpuUsage(usage);
    // What is left of a turn of the loop: the time that this look came late.
    const late = performance.now() - at - PERIOD;
    worst.wall = Math.max(worst.wall, late);
    worst.processor = Math.max(worst.processor, Math.min(late, (user + system) / 1000));
    at = performance.now();
    usage = process.cpuUsage();
    // At once or not at all: it is read at any time.
    writeFileSync(`${file}.new`, JSON.stringify({ name, worst, at: Date.now() }));
    renameSync(`${file}.new`, file);
    setTimeout(look, PERIOD).unref();
  };
  look();
}

/** @param {readonly unknown[]} command */
function noteProgram(command) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Infinity;
  const { stack = '' } = new Error('started');
  Error.stackTraceLimit = stackTraceLimit;
  if (isServer || stack.includes('/vscode-kmod.')) {
    appendFileSync(join(folder, 'programs'), `${JSON.stringify(command)}\n`);
  }
}

/** @param {any} api @param {string} name @param {(args: any[]) => unknown[]} commandOf */
function watchStart(api, name, commandOf) {
  const original = api[name];
  api[name] = function (/** @type {any[]} */ ...args) {
    noteProgram(commandOf(args));
    return Reflect.apply(original, this, args);
  };
}

// Whatever starts a program without waiting for it comes here.
watchStart(childProcess.ChildProcess.prototype, 'spawn', ([{ file, args }]) => [file, ...args.slice(1)]);
for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
  watchStart(childProcess, name, ([file, args]) => [file, ...(Array.isArray(args) ? args : [])]);
}
syncBuiltinESMExports();

if (isServer) {
  watchLoop('language server');
}

/** A child process is watched by loading this file first. */
export function activate() {
  process.env['NODE_OPTIONS'] = `--import ${import.meta.url}`;
  watchLoop('extension host');
}
