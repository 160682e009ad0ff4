import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Configuration } from '../../kmod/config/configuration';
import type { KmodVersion } from '../../kmod/config/versions';

/** What modprobe reads together with a document. */
export interface Neighbourhood {
  readonly configuration: Configuration;
  /** The URI of a file by its path in the configuration. */
  readonly uriOf: (path: string) => string;
}

/** The files around a document. */
export interface Neighbours {
  /** Never waits. undefined: not read yet, or there are none; whoever made this tells when that changes. */
  peek(document: TextDocument, kmod: KmodVersion): Neighbourhood | undefined;
  /** A file as the editor has it; undefined: it is not open. */
  openDocument(uri: string): TextDocument | undefined;
}

export const NO_NEIGHBOURS: Neighbours = { peek: () => undefined, openDocument: () => undefined };
