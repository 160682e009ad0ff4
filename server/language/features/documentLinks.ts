import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { DocumentLink } from 'vscode-languageserver-types';
import { spanOf } from '../../../kmod/config/lines';
import { rangeOf, type SyntaxCache } from '../documents';

/** The files of the systems that configuration files belong to. */
export interface Files {
  /**
   * @param path absolute, as the document's system sees it
   * @param uri the document's own
   * @returns the file's URI; undefined: there is no such file
   */
  find(path: string, uri: string): Promise<string | undefined>;
}

/** Absolute paths as a shell command names them, outside of expansions and patterns. */
const PATH = /(?<=^|[\s;&|<>('"`=])\/[\w.+@%,:/-]*[\w+@%-]/g;

/** Links the files that install and remove commands name. */
export class DocumentLinks {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly files: Files,
  ) {}

  async of(document: TextDocument): Promise<DocumentLink[]> {
    const paths = (this.syntaxes.get(document)?.nodes ?? []).flatMap((node) =>
      node.kind === 'statement' && node.problem === undefined
        ? node.arguments
            .filter(({ shape }) => shape.kind === 'shell-command')
            .flatMap(({ text, index }) =>
              [...text.matchAll(PATH)].map((match) => ({
                path: match[0],
                span: spanOf(node.line, index + match.index, match[0].length),
              })),
            )
        : [],
    );
    const links = await Promise.all(
      paths.map(async ({ path, span }) => {
        const target = await this.files.find(path, document.uri);
        return target === undefined ? [] : [{ range: rangeOf(document, span), target }];
      }),
    );
    return links.flat();
  }
}
