import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location, Position } from 'vscode-languageserver-types';
import { wordSpan } from '../../../kmod/config/syntax';
import { rangeOf, type SyntaxCache } from '../documents';
import { nameAt, nameKey, namesIn } from '../names';
import type { Project } from '../project';

/** Finds the places that name one module or alias, in all its spellings. */
export class References {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly project: Project,
  ) {}

  /** @param includesDeclaration the alias lines that make the name, too */
  async at(document: TextDocument, position: Position, includesDeclaration: boolean): Promise<Location[]> {
    const syntax = this.syntaxes.get(document);
    const name = syntax && nameAt(syntax, document.offsetAt(position));
    if (name === undefined) return [];
    const uses = await this.of(document, name.word.text);
    return uses.filter(({ role }) => includesDeclaration || role !== 'alias').map(({ location }) => location);
  }

  /** Every use of a name in a document and in what is read with it. */
  async of(document: TextDocument, name: string) {
    const key = nameKey(name);
    return (await this.project.around(document)).flatMap((file) =>
      namesIn(file.syntax)
        .filter(({ word }) => nameKey(word.text) === key)
        .map(({ word, line, role }) => ({
          role,
          location: { uri: file.document.uri, range: rangeOf(file.document, wordSpan(line, word)) },
        })),
    );
  }
}
