// Installs what the project needs on Debian and Ubuntu: packages of the distribution, then the project's own.
// Each step looks first and does nothing where nothing is missing, so it can be broken off and run again.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** To build modules, and to load them into the scratch kernel. "a|b": a, unless b is there already. */
export const KERNEL_PACKAGES = [
  'qemu-system-x86',
  'linux-image-cloud-amd64',
  'linux-headers-cloud-amd64',
  'make',
  'gcc',
  'kmod',
  'busybox-static|busybox',
  'dropbear-bin',
  'openssh-client',
  'cpio',
];

/** The tools that say what is right, and the modules of a kernel. */
export const UNIT_PACKAGES = [
  'kmod',
  'make',
  'systemd',
  'linux-image-cloud-amd64',
  'busybox-static|busybox',
  'openssh-client',
  'xz-utils',
  'zstd',
];

/** To build for a scratch kernel of another architecture, and to run it. */
export const ARM64_PACKAGES = ['qemu-system-arm', 'gcc-aarch64-linux-gnu'];

/** To test serial consoles on a pair of terminals. */
export const SERIAL_PACKAGES = ['socat'];

/** To test against real SSH servers. */
export const SSH_PACKAGES = [
  'openssh-server',
  'openssh-client',
  'dropbear-bin',
  'sudo',
  'opendoas',
  'iproute2',
  'busybox-static|busybox',
];

/** @type {Readonly<Record<string, string>>} */
const UBUNTU_NAMES = {
  'linux-image-cloud-amd64': 'linux-image-virtual',
  'linux-headers-cloud-amd64': 'linux-headers-virtual',
  chromium: 'chromium-browser',
};

/** A message for a person who has to do something first; no stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Installs packages that are missing, as root or through a sudo that asks no password.
 * @param {readonly string[]} wanted Debian's names.
 * @throws {SetupError} With the command to run where neither is there.
 */
export async function ensurePackages(wanted) {
  if (!existsSync('/usr/bin/dpkg-query')) {
    throw new SetupError(
      `This is no Debian or Ubuntu. Install what these packages hold, then run this again:\n  ${wanted.join(' ')}`,
    );
  }
  const ubuntu = /^ID(_LIKE)?=.*ubuntu/m.test(readFileSync('/etc/os-release', 'utf8'));
  const names = wanted.map((name) => (ubuntu ? (UBUNTU_NAMES[name] ?? name) : name));
  if (names.some((name) => name.startsWith('linux-image')) && process.arch !== 'x64') {
    throw new SetupError(
      `The scratch kernel runs on x86-64 machines only, and this is ${process.arch}. The extension itself works here, with targets over SSH.`,
    );
  }
  const missing = missingPackages(names);
  if (missing.length > 0) {
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
    const become = root(`sudo ${install.join(' ')}`);
    console.log(`Installing packages of the distribution: ${missing.join(' ')}`);
    // An installation that was broken off is finished first.
    run([...become, 'dpkg', '--configure', '-a']);
    run([...become, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', 'update']);
    run([...become, 'env', 'DEBIAN_FRONTEND=noninteractive', ...install, '-o', 'DPkg::Lock::Timeout=300']);
    const still = missingPackages(names);
    if (still.length > 0) {
      throw new SetupError(`apt-get did not install ${still.join(' ')}.`);
    }
  }
  if (names.includes('linux-image-virtual')) {
    makeKernelsReadable();
  }
}

/**
 * @param {readonly string[]} names
 * @returns {string[]} What to install.
 */
function missingPackages(names) {
  const alternatives = names.map((name) => name.split('|'));
  const { stdout } = spawnSync(
    'dpkg-query',
    ['-W', '-f', '${Package} ${db:Status-Status}\n', ...alternatives.flat()],
    { encoding: 'utf8' },
  );
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return alternatives.flatMap(([first = '', ...others]) =>
    [first, ...others].some((name) => installed.has(name)) ? [] : [first],
  );
}

/** Ubuntu keeps its kernel images for root, and QEMU has to read one. */
function makeKernelsReadable() {
  const images = readdirSync('/boot')
    .filter((name) => name.startsWith('vmlinuz-'))
    .map((name) => join('/boot', name))
    .filter((path) => !readable(path));
  if (images.length > 0) {
    const command = ['chmod', 'a+r', ...images];
    const become = root(`sudo ${command.join(' ')}`);
    console.log(`Making kernel images readable, as the scratch kernel needs it: ${images.join(' ')}`);
    run([...become, ...command]);
  }
}

/** @param {string} path */
function readable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} command What to tell a person to run.
 * @returns {string[]} The words before a command that needs root.
 */
function root(command) {
  if (process.getuid?.() === 0) {
    return [];
  }
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return ['sudo', '-n'];
  }
  throw new SetupError(
    `This needs root, and sudo asks for a password here. Run this, then start again:\n  ${command}`,
  );
}

/** Installs the project's own packages where node_modules is not what package-lock.json says. */
export async function ensureNodeModules() {
  if (!inStep()) {
    console.log("Installing the project's packages from the npm registry: npm ci");
    run(['npm', 'ci', '--no-audit', '--no-fund']);
  }
}

/** npm writes node_modules/.package-lock.json last: after an installation that was broken off there is none. */
function inStep() {
  const installed = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) {
    return false;
  }
  const there = packagesOf(installed);
  const wanted = packagesOf(join(ROOT, 'package-lock.json'));
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional === true || there[path]?.version === entry.version,
  );
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
}

/** Bundles the extension and the scripts into dist/. */
export async function ensureBuild() {
  run([process.execPath, join(ROOT, 'esbuild.mjs')]);
}

/** Fetches kernels to read, with what ensureBuild has bundled. */
export async function ensureKernels() {
  run([process.execPath, join(ROOT, 'dist/scripts/fetchKernels.js')]);
}

/**
 * Runs a program to its end, with its output shown.
 * @param {readonly string[]} argv
 */
function run([program = '', ...args]) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined || status !== 0) {
    const how = error?.message ?? (signal === null ? `exit code ${status}` : `signal ${signal}`);
    throw new SetupError(`${[program, ...args].join(' ')} failed: ${how}`);
  }
}
