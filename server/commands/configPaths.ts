import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { decodeText } from '../../kmod/text';
import { languageOf } from '../language/languageOf';
import { MAX_FILE_SIZE } from '../limits';
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
  /** On this machine. */
  readonly path: string;
}

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
  let taken = 0;
  const walk = async (file: FoundFile): Promise<void> => {
    for (const entry of await entriesOf(file)) {
      if (entry.isDirectory) await attempt(() => walk(entry));
      else if (languageOfPath(entry.path) !== undefined || takes(entry.path)) {
        taken++;
        await attempt(async () => work(entry.name, await readDocument(entry)));
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
      const file = { name, path: placeOf(name, sysroot) };
      if ((await stat(file.path)).isDirectory()) await walkNamed(file);
      else await work(name, await readDocument(file));
    });
  }
  return readable;
}

/** A path that begins with `/` is meant as seen from inside of the sysroot, unless it leads there by itself. */
function placeOf(name: string, sysroot: string): string {
  const path = resolve(name);
  const isInside = !relative(resolve(sysroot), path).startsWith('..');
  return sysroot === '' || isInside || !name.startsWith('/') ? path : join(resolve(sysroot), path);
}

async function entriesOf(directory: FoundFile): Promise<(FoundFile & { readonly isDirectory: boolean })[]> {
  if (KERNEL_DIRECTORIES.includes(directory.path)) return [];
  const entries = await readdir(directory.path, { withFileTypes: true });
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
async function readDocument({ name, path }: FoundFile): Promise<TextDocument> {
  const languageId = path.endsWith('.c') ? 'c' : (languageOfPath(path) ?? 'modprobe');
  return TextDocument.create(pathToFileURL(path).href, languageId, 0, await readText(name, path));
}

/** @throws Error of the file system, or for what is no file */
async function readText(name: string, path: string): Promise<string> {
  // So that a FIFO that nobody writes to is opened at once.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    // /dev/null masks a file, and is read as empty.
    if (facts.isCharacterDevice() && facts.rdev === (await stat('/dev/null')).rdev) return '';
    if (!facts.isFile()) throw new Error(`${name}: skipped, it is no regular file`);
    if (facts.size > MAX_FILE_SIZE) {
      throw new Error(`${name}: skipped, ${facts.size} bytes are more than ${MAX_FILE_SIZE}`);
    }
    return decodeText(await handle.readFile());
  } finally {
    await handle.close();
  }
}
