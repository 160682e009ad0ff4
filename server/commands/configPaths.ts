import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { readDirectory } from '../../engine/files/directory';
import { FileTooLargeError, NotARegularFileError } from '../../engine/files/fileErrors';
import { CONFIGURATION } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';
import { Sysroot } from '../../engine/files/sysroot';
import { decodeText } from '../../kmod/text';
import { languageOf } from '../language/languageOf';
import { tell } from './output';

/** What a kernel shows of itself: there is no end to it, and no configuration in it. */
const KERNEL_DIRECTORIES: readonly string[] = ['/proc', '/sys', '/dev'];

export interface PathOptions {
  /** Does a file below a directory count that is none of the languages' own? */
  readonly takes?: (path: string) => boolean;
  /** Where paths that begin with `/` are, as seen from inside of it; '' for this system. */
  readonly sysroot?: string;
}

/** A file that was named, or found below a directory. */
interface FoundFile {
  /** As it was named. */
  readonly name: string;
  /** On this machine, its links not followed. */
  readonly path: string;
}

/** Where a file is that is to be read: links of a sysroot lead to places inside of it. undefined: nowhere. */
type Place = (path: string) => string | Buffer | undefined;

/**
 * Does something with each of some files, and with those below directories that kmod or systemd reads. What can
 * not be read is told on stderr, and left out; a directory without such a file is told of.
 * @returns false: something could not be read
 */
export async function forEachFile(
  names: readonly string[],
  work: (file: string, document: TextDocument) => Promise<void> | void,
  { takes = () => false, sysroot = '' }: PathOptions = {},
): Promise<boolean> {
  let readable = true;
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    try {
      await what();
    } catch (error) {
      readable = false;
      tell(error);
    }
  };
  const place = placesIn(sysroot);
  let taken = 0;
  const walk = async (file: FoundFile): Promise<void> => {
    for (const entry of await entriesOf(file, place)) {
      if (entry.isDirectory) await attempt(() => walk(entry));
      else if (languageOfPath(entry.path) !== undefined || takes(entry.path)) {
        taken++;
        await attempt(async () => work(entry.name, await readDocument(entry, place)));
      }
    }
  };
  const walkNamed = async (file: FoundFile): Promise<void> => {
    const before = taken;
    await walk(file);
    if (taken === before) {
      tell(`${file.name}: holds no *.conf of a directory modprobe.d, depmod.d or modules-load.d`);
    }
  };
  for (const name of names) {
    await attempt(async () => {
      const file = { name, path: pathOf(name, sysroot) };
      if ((await stat(place(file.path) ?? file.path)).isDirectory()) await walkNamed(file);
      else await work(name, await readDocument(file, place));
    });
  }
  return readable;
}

/** A path that begins with `/` is meant as seen from inside of the sysroot, unless it leads there by itself. */
function pathOf(name: string, sysroot: string): string {
  const path = resolve(name);
  return sysroot === '' || isBelow(sysroot, path) || !name.startsWith('/')
    ? path
    : join(resolve(sysroot), path);
}

function placesIn(directory: string): Place {
  if (directory === '') return (path) => path;
  const sysroot = new Sysroot(directory);
  return (path) => {
    if (!isBelow(directory, path)) return path;
    const host = sysroot.resolve(path.slice(sysroot.directory.length));
    return host && Buffer.from(host);
  };
}

const isBelow = (directory: string, path: string): boolean =>
  !relative(resolve(directory), path).startsWith('..');

async function entriesOf(
  directory: FoundFile,
  place: Place,
): Promise<(FoundFile & { readonly isDirectory: boolean })[]> {
  if (KERNEL_DIRECTORIES.includes(directory.path)) return [];
  const entries = await readDirectory(place(directory.path) ?? directory.path);
  return entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map((entry) => ({
      name: join(directory.name, entry.name),
      path: join(directory.path, entry.name),
      // Links are not followed to directories: they may lead in a circle.
      isDirectory: entry.isDirectory(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function languageOfPath(path: string) {
  return languageOf('', pathToFileURL(path).href);
}

/** A file that is named is taken under any name, as by modprobe -C. */
async function readDocument({ name, path }: FoundFile, place: Place): Promise<TextDocument> {
  const languageId = path.endsWith('.c') ? 'c' : (languageOfPath(path) ?? 'modprobe');
  return TextDocument.create(
    pathToFileURL(path).href,
    languageId,
    0,
    await readText(name, place(path) ?? path),
  );
}

/** @throws Error of the file system, or for what is no file */
async function readText(name: string, path: string | Buffer): Promise<string> {
  const facts = await stat(path);
  // /dev/null masks a file, and is read as empty.
  if (facts.isCharacterDevice() && facts.rdev === (await stat('/dev/null')).rdev) return '';
  try {
    return decodeText(await readRegularFile(path, CONFIGURATION));
  } catch (error) {
    if (error instanceof NotARegularFileError) {
      throw new Error(`${name}: skipped, it is no regular file`, { cause: error });
    }
    if (error instanceof FileTooLargeError) {
      const size = facts.size > error.limit ? facts.size : 'its';
      throw new Error(`${name}: skipped, ${size} bytes are more than ${error.limit}`, { cause: error });
    }
    throw error;
  }
}
