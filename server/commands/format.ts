import { writeFile } from 'node:fs/promises';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { encodeText } from '../../kmod/text';
import { SyntaxCache } from '../language/documents';
import { Formatting } from '../language/features/formatting';
import { forEachFile } from './configPaths';
import { writeOutput } from './output';

/**
 * Formats files, and those below directories that kmod or systemd reads; prints the names of those that change.
 * @param checkOnly writes nothing
 * @returns the exit code: 1 when a path cannot be read, or when `checkOnly` finds a file to format
 */
export async function format(paths: readonly string[], checkOnly: boolean): Promise<number> {
  const formatting = new Formatting(new SyntaxCache());
  let found = false;
  const readable = await forEachFile(paths, async (file, document) => {
    const edits = formatting.of(document);
    if (edits.length === 0) return;
    found = true;
    if (!checkOnly) await writeFile(file, encodeText(TextDocument.applyEdits(document, edits)));
    await writeOutput(`${file}\n`);
  });
  return !readable || (checkOnly && found) ? 1 : 0;
}
