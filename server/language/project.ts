import type { TextDocument } from 'vscode-languageserver-textdocument';
import { readConfiguration } from '../../kmod/config/configuration';
import type { ConfigSyntax } from '../../kmod/config/syntax';
import type { KmodVersion } from '../../kmod/config/versions';
import type { SyntaxCache } from './documents';
import type { Neighbourhood } from './neighbours';

/** The configuration files of the systems that documents belong to; an open file as the editor has it. */
export interface ConfigFiles {
  /**
   * The files that modprobe and systemd-modules-load read with a document, in their order. The document itself
   * may be missing, where another file masks it.
   */
  readWith(document: TextDocument, kmod: KmodVersion): Promise<readonly TextDocument[]>;
  /** undefined: the document is in no file. */
  configurationWith(document: TextDocument, kmod: KmodVersion): Promise<Neighbourhood | undefined>;
  /** The open files, and what is read with them. */
  all(kmod: KmodVersion): Promise<readonly TextDocument[]>;
}

/** A file, parsed. */
export interface ParsedFile {
  readonly document: TextDocument;
  readonly syntax: ConfigSyntax;
}

/** Files that are looked at together. */
export class Project {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly files: ConfigFiles | undefined,
  ) {}

  /** A document and what is read with it, in the order of reading. */
  async around(document: TextDocument): Promise<ParsedFile[]> {
    const found = (await this.files?.readWith(document, this.syntaxes.kmod)) ?? [];
    const isThere = found.some(({ uri }) => uri === document.uri);
    return this.#parse(isThere ? found : [document, ...found]);
  }

  async all(): Promise<ParsedFile[]> {
    return this.#parse((await this.files?.all(this.syntaxes.kmod)) ?? []);
  }

  async configurationWith(document: TextDocument): Promise<Neighbourhood> {
    const { kmod } = this.syntaxes;
    return (await this.files?.configurationWith(document, kmod)) ?? configurationOf(document, kmod);
  }

  #parse(documents: readonly TextDocument[]): ParsedFile[] {
    return documents.flatMap((document) => {
      const syntax = this.syntaxes.get(document);
      return syntax === undefined ? [] : [{ document, syntax }];
    });
  }
}

/** What one file says, as by `modprobe -C`. */
async function configurationOf(document: TextDocument, kmod: KmodVersion): Promise<Neighbourhood> {
  const name = document.uri.slice(document.uri.lastIndexOf('/') + 1);
  const configuration = await readConfiguration(
    {
      list: () => Promise.resolve({ kind: 'file' }),
      read: (path) => Promise.resolve(path === name ? document.getText() : undefined),
    },
    { kmod, kernelDirectory: '', searchPaths: [name] },
  );
  return { configuration, uriOf: () => document.uri };
}
