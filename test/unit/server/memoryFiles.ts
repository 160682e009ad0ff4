import { TextDocument } from 'vscode-languageserver-textdocument';
import { readConfiguration } from '../../../kmod/config/configuration';
import type { ConfigFiles } from '../../../server/language/project';
import { createLanguageService } from '../../../server/language/service';
import { testCatalog } from './harness';

/** Files by path, in the order of reading. */
type Texts = Readonly<Record<string, string>>;

/** Files in memory that are read together; modules-load.d by its path. */
function configFilesOf(documents: readonly TextDocument[]): ConfigFiles {
  const modprobe = documents.filter(({ languageId }) => languageId === 'modprobe');
  const pathOf = ({ uri }: TextDocument) => uri.replace('file://', '');
  return {
    readWith: () => Promise.resolve(documents),
    all: () => Promise.resolve(documents),
    configurationWith: async (_document, kmod) => ({
      configuration: await readConfiguration(
        {
          list: () => Promise.resolve({ kind: 'file' }),
          read: (path) => Promise.resolve(modprobe.find((each) => pathOf(each) === path)?.getText()),
        },
        { kmod, kernelDirectory: '', searchPaths: modprobe.map(pathOf) },
      ),
      uriOf: (path) => `file://${path}`,
    }),
  };
}

/** The service on several files; a bar in one of them marks the cursor. */
export async function openFiles(texts: Texts) {
  const marked = Object.entries(texts).find(([, text]) => text.includes('|')) ?? ['', ''];
  const documents = Object.entries(texts).map(([path, text]) =>
    TextDocument.create(
      `file://${path}`,
      path.includes('modules-load') ? 'modules-load' : path.includes('depmod') ? 'depmod' : 'modprobe',
      1,
      text.replace('|', ''),
    ),
  );
  const document = documents.find(({ uri }) => uri === `file://${marked[0]}`) ?? documents[0];
  if (document === undefined) throw new Error('there is no file');
  const service = createLanguageService({
    catalog: await testCatalog(),
    configFiles: configFilesOf(documents),
  });
  const position = document.positionAt(Math.max(marked[1].indexOf('|'), 0));
  const { signal } = new AbortController();
  /** `a.conf:1 text`, lines from 1. */
  const told = (uri: string, range: { start: { line: number }; end: unknown }): string => {
    const found = documents.find((each) => each.uri === uri);
    const text = found?.getText(range as Parameters<TextDocument['getText']>[0]);
    return `${uri.slice(uri.lastIndexOf('/') + 1)}:${range.start.line + 1} ${text}`;
  };
  return { service, documents, document, position, signal, told };
}
