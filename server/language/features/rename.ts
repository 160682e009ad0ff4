import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position, Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import { foldName } from '../../../kmod/config/parse';
import { wordSpan } from '../../../kmod/config/syntax';
import { rangeOf, type SyntaxCache } from '../documents';
import { nameAt, type NameUse } from '../names';
import type { References } from './references';

/** A text that can be no name of a module or alias. */
export class RenameError extends Error {
  override readonly name = 'RenameError';
}

/** Renames a module or an alias wherever it is named, in all its spellings. */
export class Rename {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly references: References,
  ) {}

  /** The range of the name; undefined: what stands there has no name to change. */
  prepare(document: TextDocument, position: Position): Range | undefined {
    const name = this.#nameAt(document, position);
    return name && rangeOf(document, wordSpan(name.line, name.word));
  }

  /** @throws RenameError */
  async at(document: TextDocument, position: Position, newName: string): Promise<WorkspaceEdit | undefined> {
    if (!/^[^\s#\\][^\s\\]*$/.test(newName) || foldName(newName) === undefined) {
      throw new RenameError(
        `'${newName}' can be no name: a name has no blanks and no backslash, begins without '#', and closes its brackets`,
      );
    }
    const name = this.#nameAt(document, position);
    if (name === undefined) return undefined;
    const uses = await this.references.of(document, name.word.text);
    const changes: Record<string, TextEdit[]> = {};
    for (const { location } of uses) {
      (changes[location.uri] ??= []).push({ range: location.range, newText: newName });
    }
    return { changes };
  }

  #nameAt(document: TextDocument, position: Position): NameUse | undefined {
    const syntax = this.syntaxes.get(document);
    return syntax && nameAt(syntax, document.offsetAt(position));
  }
}
