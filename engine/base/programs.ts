import { accessSync, constants, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';

// The one way to find a program of this machine. An empty or relative element of PATH is the working directory, and
// that may be a workspace: whoever wrote the files in it would choose what runs.

type Environment = Readonly<NodeJS.ProcessEnv>;

/** Debian's users have no sbin in their PATH, and modprobe and dropbear live there. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/sbin'];

/** Where execvp(3) looks without a PATH. */
const DEFAULT_DIRECTORIES = ['/usr/bin', '/bin'];

/** Node starts neither .bat nor .cmd without a shell. */
const WINDOWS_EXTENSIONS = ['.com', '.exe'];

/** Where programs are looked for, in this order: the absolute elements of PATH, then the system's own directories. */
export function programDirectories(
  environment: Environment = process.env,
  platform = process.platform,
): string[] {
  const windows = platform === 'win32';
  const path = valueOf(environment, 'PATH', windows) ?? '';
  if (windows) {
    const elements = path.split(win32.delimiter).map((element) => element.replaceAll('"', ''));
    const system = valueOf(environment, 'SystemRoot', windows) ?? 'C:\\Windows';
    return [...new Set([...elements, win32.join(system, 'System32')])].filter(isAbsoluteOnWindows);
  }
  const elements = path.split(posix.delimiter).filter((element) => posix.isAbsolute(element));
  return [...new Set([...(elements.length === 0 ? DEFAULT_DIRECTORIES : elements), ...SYSTEM_DIRECTORIES])];
}

/**
 * Every file that a program may be, best first.
 * @param name a name, or an absolute path
 * @throws TypeError for a relative path: it depends on the working directory
 */
export function programCandidates(
  name: string,
  environment: Environment = process.env,
  platform = process.platform,
): string[] {
  const windows = platform === 'win32';
  if (windows ? isAbsoluteOnWindows(name) : posix.isAbsolute(name)) {
    return [name];
  }
  if (name === '' || (windows ? /[/\\:]/ : /\//).test(name)) {
    throw new TypeError(`${JSON.stringify(name)} is neither the name of a program nor an absolute path`);
  }
  const path = windows ? win32 : posix;
  const files = windows ? fileNamesOnWindows(name, environment) : [name];
  return programDirectories(environment, platform).flatMap((directory) =>
    files.map((file) => path.join(directory, file)),
  );
}

/** Where a program is; undefined: nowhere. @throws as programCandidates */
export function findProgram(name: string, environment: Environment = process.env): string | undefined {
  return programCandidates(name, environment).find(isProgram);
}

/**
 * Where a program is, or would be: who starts that is told by the system that it is missing (ENOENT).
 * @throws as programCandidates
 */
export function programPath(name: string, environment: Environment = process.env): string {
  const candidates = programCandidates(name, environment);
  return candidates.find(isProgram) ?? candidates.at(-1) ?? name;
}

/** An environment in which what a program starts is looked up as here: /bin/sh and make search PATH too. */
export function safeEnvironment(
  environment: Environment = process.env,
  platform = process.platform,
): NodeJS.ProcessEnv {
  const windows = platform === 'win32';
  const others = Object.entries(environment).filter(([name]) => !isNamed(name, 'PATH', windows));
  return {
    ...Object.fromEntries(others),
    PATH: programDirectories(environment, platform).join(windows ? win32.delimiter : posix.delimiter),
    // Windows looks in the current directory first, unless it is told.
    ...(windows ? { NoDefaultCurrentDirectoryInExePath: '1' } : {}),
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** With a drive or a server: `\tools` is on the drive of the current directory. */
const isAbsoluteOnWindows = (path: string): boolean => /^([a-z]:[\\/]|[\\/]{2})/i.test(path);

function fileNamesOnWindows(name: string, environment: Environment): string[] {
  const extensions = (valueOf(environment, 'PATHEXT', true) ?? WINDOWS_EXTENSIONS.join(';'))
    .toLowerCase()
    .split(';')
    .filter((extension) => WINDOWS_EXTENSIONS.includes(extension));
  return extensions.includes(win32.extname(name).toLowerCase())
    ? [name]
    : extensions.map((extension) => name + extension);
}

const isNamed = (name: string, wanted: string, windows: boolean): boolean =>
  windows ? name.toUpperCase() === wanted.toUpperCase() : name === wanted;

function valueOf(environment: Environment, wanted: string, windows: boolean): string | undefined {
  return Object.entries(environment).find(([name]) => isNamed(name, wanted, windows))?.[1];
}
