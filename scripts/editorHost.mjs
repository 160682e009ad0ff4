// Runs an installed VS Code server (editorInstall.mjs) on the loopback address.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How long the server may take to listen, and to end, in milliseconds. */
const START_LIMIT = 120_000;
const STOP_LIMIT = 10_000;

/**
 * Settings that every server here starts with: nothing is sent, fetched or asked.
 * @type {Readonly<Record<string, unknown>>}
 */
const QUIET = {
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'remote.autoForwardPorts': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
};

/**
 * @typedef {object} EditorOptions
 * @property {import('./editorInstall.mjs').EditorInstall} install
 * @property {string} dataDir Where the server keeps its settings, logs and state.
 * @property {string} extensionsDir Where it finds installed extensions.
 * @property {number} [port] A free one unless told.
 * @property {Readonly<Record<string, unknown>>} [settings] Settings of the machine, on top of the quiet ones.
 * @property {'trusted' | 'untrusted'} [trust] Whether workspaces are trusted without a question; "trusted" unless told.
 * @property {boolean} [testDriver] Lets a page name a development extension and a test runner.
 * @property {Readonly<Record<string, string>>} [env] Further variables of the server and its extension hosts.
 */

/**
 * @typedef {object} Editor
 * @property {(folder: string, payload?: Readonly<Record<string, string>>) => string} url The address that opens a folder.
 * @property {(path: string) => string} remote A path as a payload names it.
 * @property {Promise<void>} ended Resolves when the server ended, by close() or by itself.
 * @property {() => Promise<void>} close Ends the server and all that it started.
 */

/**
 * Starts a VS Code server; it is ready when the promise resolves.
 * @param {EditorOptions} options
 * @returns {Promise<Editor>}
 */
export async function startEditor(options) {
  const { install, dataDir, extensionsDir } = options;
  mkdirSync(extensionsDir, { recursive: true });
  writeSettings(dataDir, { ...QUIET, ...options.settings });
  const args = [
    join(install.root, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
    ...commonArguments(dataDir, extensionsDir),
    ...(options.trust === 'untrusted' ? [] : ['--disable-workspace-trust']),
    ...(options.testDriver === true ? ['--enable-smoke-test-driver'] : []),
  ];
  // The server ends when this process does, however it does.
  const server = spawn('setpriv', ['--pdeathsig', 'TERM', install.node, ...args], {
    cwd: install.root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const port = await listening(server);
  const remote = (/** @type {string} */ path) => `vscode-remote://localhost:${port}${path}`;
  return {
    remote,
    url: (folder, payload = {}) => {
      const query = new URLSearchParams({ folder });
      if (Object.keys(payload).length > 0) {
        query.set('payload', JSON.stringify(Object.entries(payload)));
      }
      return `http://localhost:${port}/?${query.toString()}`;
    },
    ended: new Promise((resolve) => server.once('exit', () => resolve())),
    close: () => end(server),
  };
}

/**
 * Installs a packaged extension into an extensions folder.
 * @param {Pick<EditorOptions, 'install' | 'dataDir' | 'extensionsDir'>} options
 * @param {string} vsix
 */
export function installExtension({ install, dataDir, extensionsDir }, vsix) {
  const args = [
    'out/server-main.js',
    ...commonArguments(dataDir, extensionsDir),
    '--install-extension',
    vsix,
  ];
  const { status, stdout, stderr } = spawnSync(install.node, args, { cwd: install.root, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`VS Code ${install.version} did not install ${vsix}: ${stdout}${stderr}`);
  }
}

/**
 * The project as a development extension, for a payload. The editor takes all that lies below such a folder
 * for parts under development, and its own extensions, which lie in .cache, no longer work then: so it gets
 * a link beside them.
 * @returns {string}
 */
export function developmentExtension() {
  const link = fileURLToPath(new URL('../.cache/extension', import.meta.url));
  if (!existsSync(link)) {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync('..', link);
  }
  return link;
}

/** @type {(dataDir: string, extensionsDir: string) => string[]} */
const commonArguments = (dataDir, extensionsDir) => [
  '--accept-server-license-terms',
  ...['--server-data-dir', dataDir],
  ...['--extensions-dir', extensionsDir],
  ...['--telemetry-level', 'off'],
];

/**
 * @param {string} dataDir
 * @param {Readonly<Record<string, unknown>>} settings
 */
function writeSettings(dataDir, settings) {
  const folder = join(dataDir, 'data/Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @returns {Promise<number>} The port, once the server listens on it.
 */
function listening(server) {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (/** @type {string} */ why) => {
      clearTimeout(timer);
      server.kill('SIGKILL');
      reject(new Error(`The VS Code server ${why}: ${output.trim()}`));
    };
    const timer = setTimeout(() => fail(`did not listen within ${START_LIMIT / 1000} s`), START_LIMIT);
    const read = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-10_000);
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port !== undefined) {
        clearTimeout(timer);
        resolve(Number(port));
      }
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('error', (error) => fail(error.message));
    server.once('exit', (code) => fail(`ended with exit code ${code}`));
  });
}

/**
 * Asks the server to end, waits for it and for all that it started, and kills what stays.
 * @param {import('node:child_process').ChildProcess} server
 */
async function end(server) {
  const family = server.pid === undefined ? [] : [server.pid, ...descendants(server.pid)];
  const alive = () => family.filter(isAlive);
  server.kill('SIGTERM');
  for (let waited = 0; alive().length > 0 && waited < STOP_LIMIT; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of alive()) {
    process.kill(pid, 'SIGKILL');
  }
}

/**
 * @param {number} pid
 * @returns {number[]} The processes below a process, from /proc.
 */
function descendants(pid) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? processState(Number(entry))?.parent : undefined;
    if (parent !== undefined) {
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    }
  }
  /** @type {(of: number) => number[]} */
  const below = (of) => (children.get(of) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** @type {(pid: number) => boolean} */
const isAlive = (pid) => (processState(pid)?.state ?? 'Z') !== 'Z';

/**
 * @param {number} pid
 * @returns {{ state: string, parent: number } | undefined} From /proc/PID/stat (proc(5)); undefined: no such process.
 */
function processState(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
