import type { WorkspaceSymbol } from 'vscode-languageserver-types';
import type { Project } from '../project';
import { symbolsOf } from './symbols';

/** More than a list of an editor shows. */
const MAX_SYMBOLS = 1000;

/** The lines of all files that are known, by what they are about. */
export class WorkspaceSymbols {
  constructor(private readonly project: Project) {}

  /** @param query letters that the name holds in this order; '' for all */
  async matching(query: string): Promise<WorkspaceSymbol[]> {
    const letters = [...query.toLowerCase().replaceAll('-', '_')];
    return (await this.project.all())
      .flatMap(({ document, syntax }) =>
        symbolsOf(document, syntax).map(({ name, kind, selectionRange }) => ({
          name,
          kind,
          location: { uri: document.uri, range: selectionRange },
        })),
      )
      .filter(({ name }) => holdsInOrder(name.toLowerCase().replaceAll('-', '_'), letters))
      .slice(0, MAX_SYMBOLS);
  }
}

function holdsInOrder(text: string, letters: readonly string[]): boolean {
  let from = 0;
  return letters.every((letter) => {
    from = text.indexOf(letter, from) + 1;
    return from > 0;
  });
}
