// An extension for the tests: it writes what its extension host, and every Node process started from there,
// loads, opens and connects to, as lines of JSON, to the file KMOD_TRACE.
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

// Whole stacks: they tell the extension that connects from the others in the same host.
Error.stackTraceLimit = Infinity;

const { appendFileSync } = fs;
const file = process.env['KMOD_TRACE'] ?? '/dev/null';

/** @type {(what: 'load' | 'open' | 'connect', subject: string) => void} */
const record = (what, subject) =>
  appendFileSync(file, `${JSON.stringify({ pid: process.pid, what, subject })}\n`);

/**
 * Every way to a file's bytes takes its path first.
 * @param {Record<string, unknown>} api
 * @param {readonly string[]} names
 */
function watch(api, names) {
  for (const name of names) {
    const original = api[name];
    if (typeof original === 'function') {
      api[name] = function (/** @type {unknown[]} */ ...args) {
        record('open', String(args[0]));
        return Reflect.apply(original, this, args);
      };
    }
  }
}

watch(/** @type {any} */ (fs), ['open', 'openSync', 'readFile', 'readFileSync', 'createReadStream']);
watch(/** @type {any} */ (fs.promises), ['open', 'readFile']);
syncBuiltinESMExports();

// A newer Node reads what is required past fs.
const { extensions } = createRequire(import.meta.url);
const load = extensions['.js'];
if (load === undefined) {
  throw new Error('require loads no .js');
}
extensions['.js'] = (module, filename) => {
  record('load', filename);
  load(module, filename);
};
subscribe('net.client.socket', () => record('connect', new Error('connect').stack ?? ''));

/** The hooks above are set by now; a child process sets them by loading this file first. */
export function activate() {
  process.env['NODE_OPTIONS'] = `--import ${import.meta.url}`;
  record('load', import.meta.url);
}
