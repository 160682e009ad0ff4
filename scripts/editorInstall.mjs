// Installs a real VS Code server for the tests and for `npm start`: npm's code-server package carries it,
// and npm carries the Node that it is made for.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './setup.mjs';

const EDITORS = fileURLToPath(new URL('../.cache/editor/', import.meta.url));

/**
 * @typedef {object} Recipe
 * @property {string} codeServer The version of npm's code-server that carries this editor.
 * @property {string} node The version of npm's node-linux-ARCH that it runs on.
 * @property {readonly string[]} native Packages whose native part is compiled.
 * @property {string} [ripgrep] The version of @vscode/ripgrep-linux-ARCH, where the editor does not name it itself.
 */

/** @type {Readonly<Record<string, Recipe>>} */
const RECIPES = {
  '1.100.3': {
    codeServer: '4.100.3',
    node: '20.20.2',
    native: ['@vscode/spdlog', 'native-watchdog', '@parcel/watcher', 'node-pty'],
    ripgrep: '1.18.0',
  },
  '1.139.1': {
    codeServer: '4.139.1',
    node: '24.21.0',
    native: ['@vscode/spdlog', '@vscode/native-watchdog'],
  },
};

/** The oldest editor that package.json allows (engines.vscode). */
export const EDITOR_FLOOR = '1.100.3';

/** The editor that the tests run in: the floor, or the current one when KMOD_EDITOR says so. */
export const EDITOR_UNDER_TEST = process.env['KMOD_EDITOR'] === 'current' ? '1.139.1' : EDITOR_FLOOR;

/**
 * @typedef {object} EditorInstall
 * @property {string} version
 * @property {string} node The Node binary that the editor runs on.
 * @property {string} root The folder of the editor's server, with out/server-main.js in it.
 */

/**
 * Installs a VS Code server below .cache/editor unless it is there. Broken off, it goes on with the step
 * that was not finished.
 * @param {string} version
 * @returns {Promise<EditorInstall>}
 */
export async function ensureEditor(version) {
  const recipe = RECIPES[version];
  if (recipe === undefined) {
    throw new Error(`No recipe for VS Code ${version}: there are ${Object.keys(RECIPES).join(' and ')}.`);
  }
  const home = join(EDITORS, version);
  const install = { version, node: join(home, 'node/bin/node'), root: join(home, 'vscode') };
  const stamp = join(home, 'installed.json');
  const done = readStamp(stamp, recipe);
  if (done.length === 0) {
    rmSync(home, { recursive: true, force: true });
  }
  mkdirSync(home, { recursive: true });
  const todo = steps(home, install, recipe).filter(({ name }) => !done.includes(name));
  if (todo.length > 0) {
    await ensurePackages(['python3', 'make', 'g++']);
    console.log(`Installing VS Code ${version} into ${home} (from the npm registry, about a minute)`);
  }
  for (const { name, run } of todo) {
    console.log(`  ${name}`);
    run();
    done.push(name);
    writeFileSync(stamp, JSON.stringify({ recipe, done }, undefined, 2));
  }
  return install;
}

/**
 * The steps that the stamp of this very recipe names as finished.
 * @param {string} stamp
 * @param {Recipe} recipe
 * @returns {string[]}
 */
function readStamp(stamp, recipe) {
  if (!existsSync(stamp)) {
    return [];
  }
  const content = JSON.parse(readFileSync(stamp, 'utf8'));
  return JSON.stringify(content.recipe) === JSON.stringify(recipe) ? content.done : [];
}

/**
 * @param {string} home
 * @param {EditorInstall} install
 * @param {Recipe} recipe
 * @returns {readonly { name: string, run: () => void }[]} Each may be run again when it was broken off.
 */
function steps(home, { node, root }, recipe) {
  const modules = join(root, 'node_modules');
  const env = {
    ...process.env,
    // The editor's own Node runs npm, compiles the native parts, and has their headers.
    PATH: `${join(home, 'node/bin')}:${process.env['PATH'] ?? ''}`,
    npm_config_nodedir: join(home, 'node'),
    // node-pty's install script runs npx, which asks before it fetches node-gyp.
    npm_config_yes: 'true',
  };
  /** @type {(name: string, version: string, to: string, strip: number, part: string) => { name: string, run: () => void }} */
  const unpack = (name, version, to, strip, part) => ({
    name: `${name}@${version}`,
    run: () => {
      const packed = join(home, 'packed');
      rmSync(packed, { recursive: true, force: true });
      mkdirSync(packed);
      // A package of its own keeps npm from reading the settings of the project around it.
      writeFileSync(join(packed, 'package.json'), '{ "private": true }');
      execute('npm', ['pack', `${name}@${version}`], packed);
      const file = readdirSync(packed).find((entry) => entry.endsWith('.tgz'));
      if (file === undefined) {
        throw new Error(`npm pack ${name}@${version} left no package in ${packed}`);
      }
      rmSync(to, { recursive: true, force: true });
      mkdirSync(to, { recursive: true });
      execute('tar', ['xzf', join(packed, file), '-C', to, `--strip-components=${strip}`, part], packed);
      rmSync(packed, { recursive: true });
    },
  });
  const all = [
    unpack(`node-linux-${process.arch}`, recipe.node, join(home, 'node'), 1, 'package'),
    unpack('code-server', recipe.codeServer, root, 3, 'package/lib/vscode'),
    {
      name: "the editor's packages",
      run: () => execute('npm', ['install', '--ignore-scripts', '--omit=dev'], root, env),
    },
    ...recipe.native.map((name) => ({
      name: `compile ${name}`,
      run: () => execute('npm', ['rebuild', '--ignore-scripts=false', name], root, env),
    })),
  ];
  if (recipe.ripgrep !== undefined) {
    const ripgrep = join(modules, '@vscode/ripgrep/bin');
    all.push(unpack(`@vscode/ripgrep-linux-${process.arch}`, recipe.ripgrep, ripgrep, 2, 'package/bin'));
  }
  all.push({
    name: 'check that the editor runs',
    run: () => {
      const asar = join(root, 'node_modules.asar');
      rmSync(asar, { force: true });
      symlinkSync('node_modules', asar);
      execute(node, ['out/server-main.js', '--version'], root, env);
    },
  });
  return all;
}

/**
 * Runs a program to its end; its output is shown only when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 */
function execute(program, args, cwd, env = process.env) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  if (error !== undefined || status !== 0) {
    const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}: ${error?.message ?? output}`);
  }
}

/**
 * Debian's Chromium, installed unless it is there.
 * @returns {Promise<string>} The path of its program.
 */
export async function ensureChromium() {
  const installed = () =>
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
      existsSync(path),
    );
  if (installed() === undefined) {
    await ensurePackages(['chromium']);
  }
  const path = installed();
  if (path === undefined) {
    throw new Error('No Chromium: install the package chromium.');
  }
  return path;
}
