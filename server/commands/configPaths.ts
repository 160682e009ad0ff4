import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { decodeText } from '../../kmod/text';
import { languageOf } from '../language/languageOf';

/**
 * Does something with each of some files, and with those below directories that kmod or systemd reads. What can
 * not be read is told on stderr, and left out.
 * @returns false: something could not be read
 */
export async function forEachFile(
  paths: readonly string[],
  work: (file: string, document: TextDocument) => Promise<void> | void,
): Promise<boolean> {
  let readable = true;
  for (const path of paths) {
    try {
      for (const file of await filesOf(path)) await work(file, await open(file));
    } catch (error) {
      readable = false;
      process.stderr.write(
        `kmod-language-server: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  return readable;
}

async function open(file: string): Promise<TextDocument> {
  const uri = pathToFileURL(resolve(file)).href;
  // A file that is named is taken under any name, as by modprobe -C.
  const languageId = languageOf('', uri) ?? 'modprobe';
  return TextDocument.create(uri, languageId, 0, decodeText(await readFile(file)));
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const below = await readdir(path, { recursive: true, withFileTypes: true });
  return below
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => languageOf('', pathToFileURL(resolve(file)).href) !== undefined)
    .sort();
}
