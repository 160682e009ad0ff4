import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position } from 'vscode-languageserver-types';
import { scanModuleSource } from '../../../../kmod/source/moduleSource';
import { SourceCompletions } from '../../../../server/language/c/completion';
import { SourceDiagnostics } from '../../../../server/language/c/diagnostics';
import { SourceHovers } from '../../../../server/language/c/hover';
import { SourceScans } from '../../../../server/language/c/scans';
import type { ModuleSources, SourceModule } from '../../../../server/language/c/sources';
import { testCatalog } from '../harness';

export const URI = 'file:///src/x.c';

export interface SourceOptions {
  /** Other files of the module, by name. */
  readonly others?: Readonly<Record<string, string>>;
  readonly complete?: boolean;
  readonly conditional?: boolean;
  /** What the file is a part of; the module x when it is left out. */
  readonly modules?: readonly SourceModule[] | undefined;
}

/** The features on a C file of the module x, whose text may mark the cursor with a bar. */
export async function openSource(marked: string, options: SourceOptions = {}) {
  const { others = {}, complete = true, conditional = false } = options;
  const cursor = marked.indexOf('|');
  const text = cursor < 0 ? marked : marked.slice(0, cursor) + marked.slice(cursor + 1);
  const document = TextDocument.create(URI, 'c', 1, text);
  const files = [
    { uri: URI, scan: scanModuleSource(text) },
    ...Object.entries(others).map(([name, other]) => ({
      uri: `file:///src/${name}`,
      scan: scanModuleSource(other),
    })),
  ];
  const modules = 'modules' in options ? options.modules : [{ name: 'x', files, complete, conditional }];
  const sources: ModuleSources = {
    peek: () => modules,
    get: () => Promise.resolve(modules),
    find: () => Promise.resolve(undefined),
    onDidChange: () => ({ dispose: () => undefined }),
  };
  const scans = new SourceScans();
  const diagnostics = new SourceDiagnostics(scans, sources);
  const completions = new SourceCompletions(scans, sources, await testCatalog());
  const hovers = new SourceHovers(scans, sources);
  const position: Position = document.positionAt(Math.max(cursor, 0));
  return { diagnostics, completions, hovers, document, position, signal: new AbortController().signal };
}

/** What is found: the code, and the text that is underlined. */
export async function sourceFindings(text: string, options?: SourceOptions): Promise<[string, string][]> {
  const { diagnostics, document } = await openSource(text, options);
  return diagnostics.of(document).map(({ code, range }) => [String(code), document.getText(range)]);
}

export async function sourceMessages(text: string, options?: SourceOptions): Promise<string[]> {
  const { diagnostics, document } = await openSource(text, options);
  return diagnostics
    .of(document)
    .map(({ message }) => (typeof message === 'string' ? message : message.value));
}
