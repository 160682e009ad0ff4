import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import { scanModuleSource } from '../../../kmod/source/moduleSource';
import { withModuleSources } from '../../../server/language/c/service';
import type { ModuleSources } from '../../../server/language/c/sources';
import { createLanguageService } from '../../../server/language/service';
import { testCatalog } from './harness';
import { hostileDocuments, type HostileDocument } from './hostileDocuments';

/** Milliseconds of the processor for all answers about one document, of which there are 30. */
const LIMIT = 15_000;
const { signal } = new AbortController();

/** What this process has worked so far, in milliseconds: what else the machine does is not in it. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function serviceOn(document: TextDocument) {
  const file = { uri: document.uri, scan: scanModuleSource(document.getText()) };
  const modules = [{ name: 'x', files: [file], complete: true, conditional: false }];
  const sources: ModuleSources = {
    peek: () => modules,
    get: () => Promise.resolve(modules),
    find: () => Promise.resolve(modules[0]),
    onDidChange: () => ({ dispose: () => undefined }),
  };
  const catalog = await testCatalog();
  return withModuleSources(createLanguageService({ catalog }), { sources, catalog });
}

/** What an editor asks about a document; how long each answer took, in milliseconds. */
async function askAll({ language, text }: HostileDocument): Promise<[request: string, took: number][]> {
  const document = TextDocument.create(`file:///etc/${language}.d/x.conf`, language, 1, text);
  const service = await serviceOn(document);
  const range = { start: document.positionAt(0), end: document.positionAt(text.length) };
  const found: [string, number][] = [];
  const ask = async (request: string, answer: () => unknown): Promise<void> => {
    const start = cpuTime();
    await answer();
    found.push([request, Math.round(cpuTime() - start)]);
  };
  await ask('diagnostics', () => service.validate(document));
  await ask('diagnostics again', () => service.validate(document));
  if (language !== 'c') {
    await ask('code actions', () =>
      service.codeActions(document, range, { diagnostics: service.validate(document) }, signal),
    );
    await ask('symbols', () => service.symbols(document));
    await ask('folding', () => service.foldingRanges(document));
    await ask('tokens', () => service.semanticTokens(document));
    await ask('formatting', () => service.format(document));
    await ask('hints', () => service.inlayHints(document, range, signal));
    await ask('lenses', () => service.codeLenses(document));
    await ask('links', () => service.documentLinks(document));
  }
  const places = [text.indexOf(' ') + 1, Math.floor(text.length / 2), text.length - 1];
  for (const offset of places) {
    const position = document.positionAt(offset);
    await ask('hover', () => service.hover(document, position, signal));
    await ask('completion', () => service.complete(document, position, signal));
    if (language === 'c') continue;
    await ask('signature', () => service.signatureHelp(document, position, signal));
    await ask('definition', () => service.definition(document, position, signal));
    await ask('references', () => service.references(document, position, true));
    await ask('rename', async () => {
      if (service.prepareRename(document, position) !== undefined)
        await service.rename(document, position, 'other');
    });
    await ask('calls', async () => {
      for (const item of await service.prepareCallHierarchy(document, position)) {
        await service.incomingCalls(document, item, signal);
        await service.outgoingCalls(document, item, signal);
      }
    });
  }
  if (language !== 'c') {
    const middle = {
      start: document.positionAt(text.length >> 1),
      end: document.positionAt(text.length >> 1),
    };
    await ask('an edit', () => service.validate(service.edit(document, [{ range: middle, text: 'x' }], 2)));
    await ask('another text', () =>
      service.validate(service.edit(document, [{ range, text: 'alias a b\n' }], 3)),
    );
    await ask('the text again', () => {
      const all = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
      service.validate(service.edit(document, [{ range: all, text }], 4));
    });
  }
  return found;
}

describe.each(['modprobe', 'depmod', 'modules-load', 'c'] as const)(
  'a hostile document of %s',
  (language) => {
    it.each(hostileDocuments(language).map((each) => [each.title, each] as const))(
      '%s is answered in its time',
      async (_title, hostile) => {
        const took = await askAll(hostile);
        const total = took.reduce((sum, [, time]) => sum + time, 0);
        expect(total, JSON.stringify(took.filter(([, time]) => time > LIMIT / 100))).toBeLessThan(LIMIT);
      },
    );
  },
);
