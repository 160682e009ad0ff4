// Kernels to read, and never to run: the distribution's full one for this machine, and some of other architectures.
// They come from the package sources that this system uses, with lists of our own: the system learns of no other
// architecture. Only modules are kept, in .cache/kernels.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup.mjs';

const CACHE = fileURLToPath(new URL('../.cache/kernels', import.meta.url));

/** What is kept of a foreign kernel: some hundred modules of each kind. */
const SOME_MODULES = ['net', 'fs', 'crypto', 'drivers/net'].map((part) => `*/kernel/${part}/*`);
const TABLES = ['*/modules.builtin', '*/modules.builtin.modinfo', '*/modules.order'];

/**
 * @typedef {object} Package
 * @property {string} name The metapackage, with the architecture.
 * @property {readonly string[]} files Patterns of what is taken out of the package that it depends on.
 */

/** @type {Readonly<Record<string, readonly Package[]>>} */
const KERNELS = {
  amd64: [
    { name: 'linux-image-amd64:amd64', files: ['*/lib/modules/*'] },
    { name: 'linux-headers-amd64:amd64', files: ['*/Module.symvers'] },
  ],
  arm64: [{ name: 'linux-image-cloud-arm64:arm64', files: [...SOME_MODULES, ...TABLES] }],
  // 64 bits, big-endian
  s390x: [{ name: 'linux-image-s390x:s390x', files: [...SOME_MODULES, ...TABLES] }],
  // 32 bits
  armel: [{ name: 'linux-image-rpi:armel', files: [...SOME_MODULES, ...TABLES] }],
};

/**
 * Fetches the kernels that are missing: some 150 MB once, of which 600 MB stay. Debian has them under these names.
 * @throws {SetupError}
 */
export function ensureKernels() {
  if (!/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))) {
    console.log('The kernels of other architectures are read on Debian only.');
    return;
  }
  const missing = Object.keys(KERNELS).filter((name) => !existsSync(join(CACHE, name, 'complete')));
  if (missing.length === 0) return;
  console.log(`Fetching kernels to read: ${missing.join(' ')}`);
  const apt = new Apt(join(CACHE, 'apt'), missing);
  try {
    for (const name of missing) fetchKernel(name, apt);
  } finally {
    apt.remove();
  }
}

/**
 * @param {string} name
 * @param {Apt} apt
 */
function fetchKernel(name, apt) {
  const directory = join(CACHE, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const { name: metapackage, files } of KERNELS[name] ?? []) {
    const archive = apt.download(apt.kernelPackage(metapackage));
    const unpack = 'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards "${@:3}"';
    run(['bash', '-c', unpack, 'bash', archive, directory, ...files]);
    rmSync(archive);
  }
  const [modules] = ['lib/modules', 'usr/lib/modules']
    .map((path) => join(directory, path))
    .filter(existsSync);
  const [release] = modules === undefined ? [] : readdirSync(modules);
  if (modules === undefined || release === undefined) throw new SetupError(`${name} has no modules.`);
  run(['depmod', '-b', modules.slice(0, -'/lib/modules'.length), release]);
  writeFileSync(join(directory, 'complete'), `${join(modules, release)}\n`);
}

/** apt with directories of its own. */
class Apt {
  #directory;
  #env;

  /**
   * @param {string} directory
   * @param {readonly string[]} architectures
   */
  constructor(directory, architectures) {
    this.#directory = directory;
    this.#env = { ...process.env, APT_CONFIG: join(directory, 'apt.conf'), LC_ALL: 'C' };
    for (const part of ['lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(directory, part), { recursive: true });
    }
    writeFileSync(join(directory, 'status'), '');
    writeFileSync(
      join(directory, 'apt.conf'),
      [
        `APT::Architectures { ${architectures.map((name) => `"${name}";`).join(' ')} };`,
        `Dir::State::lists "${directory}/lists";`,
        `Dir::State::status "${directory}/status";`,
        `Dir::Cache "${directory}/cache";`,
        'Acquire::Languages "none";',
        // What is downloaded goes to a directory that only we may write to.
        'APT::Sandbox::User "root";',
        '',
      ].join('\n'),
    );
    // A list that fails, of a mirror that is just being updated, need not be the one that is needed.
    spawnSync('apt-get', ['-q', 'update'], { env: this.#env, stdio: ['ignore', 'inherit', 'inherit'] });
  }

  /**
   * @param {string} metapackage
   * @returns {string} The package of a release that it depends on.
   */
  kernelPackage(metapackage) {
    const { stdout } = spawnSync('apt-cache', ['show', '--no-all-versions', metapackage], {
      env: this.#env,
      encoding: 'utf8',
    });
    const [, architecture] = metapackage.split(':');
    const name = /^Depends:.*?(linux-(?:image|headers)-\d[^\s,]*)/m.exec(stdout)?.[1];
    if (name === undefined)
      throw new SetupError(`The package sources of this system have no ${metapackage}.`);
    return `${name}:${architecture}`;
  }

  /**
   * @param {string} name
   * @returns {string} The archive's path.
   */
  download(name) {
    run(['apt-get', '-q', 'download', name], { env: this.#env, cwd: this.#directory });
    const archive = readdirSync(this.#directory).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new SetupError(`apt-get did not download ${name}.`);
    return join(this.#directory, archive);
  }

  remove() {
    rmSync(this.#directory, { recursive: true });
  }
}

/**
 * @param {readonly string[]} argv
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
function run([program = '', ...args], options = {}) {
  const { status, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    ...options,
  });
  if (status !== 0) throw new SetupError(`${program} ${args.join(' ')} failed:\n${String(stderr)}`);
}
