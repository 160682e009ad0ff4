import fc from 'fast-check';
import type { CompletionItem, MarkupContent } from 'vscode-languageserver-types';
import { describe, expect, it, vi } from 'vitest';
import { readConfiguration } from '../../kmod/config/configuration';
import { ModuleLookup } from '../../kmod/config/lookup';
import { planProbe } from '../../kmod/config/probe';
import { explain } from '../../server/language/features/explain';
import { plainSentence } from '../../client/views/format';
import { describeBuilt, describeUnbuilt } from '../../client/views/kbuildHover';
import { markdownString } from '../../client/views/markdownString';
import { textTooltip } from '../../client/views/textTooltip';
import { foreignMarkup, HOSTILE, hostileText } from './rendered';
import { openSource } from './server/c/harness';
import { completionsAt, moduleInfo, open, sourceOf, SILENT } from './server/harness';
import { CachedCatalog } from '../../server/catalog/cachedCatalog';

vi.mock('vscode', () => ({
  MarkdownString: class {
    constructor(readonly value: string) {}
  },
}));

const OPEN_LINE = ['command:kmod.openLine?'];

/** A module that says the text wherever a module says anything. */
const moduleOf = (name: string, text: string) =>
  moduleInfo(
    name,
    ...['description', 'license', 'version', 'author', 'vermagic', 'depends'].map((key) => `${key}=${text}`),
    `parm=count:${text}`,
    `parmtype=count:${text}`,
    `parm=${text}`,
  );

/** A kernel, whose label and release are the text too, with such a module and such answers. */
async function catalogOf(text: string): Promise<CachedCatalog> {
  const catalog = new CachedCatalog(
    {
      ...sourceOf([moduleOf('evil', text), moduleOf(text, text)], [text, 'known']),
      origin: { label: text, release: text },
      resolve: () => Promise.resolve([text, 'evil']),
      deviceAliases: () => Promise.resolve([`pci:${text}`]),
    },
    SILENT,
  );
  const { signal } = new AbortController();
  for (const name of await catalog.names(signal)) await catalog.get(name, signal);
  return catalog;
}

/** Words of a configuration file have no blanks. */
const wordOf = (text: string): string => text.replaceAll(/[\s\0|\\#"']/g, '') || 'x';

const HOVERS: readonly ((word: string, text: string) => string)[] = [
  () => 'blacklist ev|il',
  () => 'options evil cou|nt=1',
  () => 'options no|pe a=1',
  (word) => `blacklist |${word}`,
  (word) => `alias x${word} ev${word}\nblacklist |x${word}`,
  (word) => `alias |pci:v${word}* evil`,
  (word) => `alias |${word} evil`,
  (word, text) =>
    `options ${word} a=1\nsoftdep ${word} pre: evil\ninstall ${word} ${text.replaceAll(/\s/g, ' ')}x\n|install ${word} x`,
  () => '|install * x',
];

async function configurationPages(text: string): Promise<string[]> {
  const word = wordOf(text);
  const catalog = await catalogOf(text);
  const hovers = HOVERS.map(async (hover) => {
    const { service, document, position, signal } = await open(hover(word, text), 'modprobe', catalog);
    return (await service.hover(document, position, signal))?.contents as MarkupContent | undefined;
  });
  const { service, document, position, signal } = await open('options evil |', 'modprobe', catalog);
  const help = await service.signatureHelp(document, position, signal);
  const items: CompletionItem[] = [
    ...(await completionsAt('options evil |', 'modprobe', catalog)),
    ...(await completionsAt('|', 'modprobe', catalog)),
  ];
  const resolved = await service.resolveCompletion({ label: 'evil', kind: 9 }, signal);
  return [
    ...(await Promise.all(hovers)),
    ...(help?.signatures[0]?.parameters ?? []).map(({ documentation }) => documentation),
    ...[...items, resolved].map(({ documentation }) => documentation),
  ].flatMap((content) => (typeof content === 'object' && content.kind === 'markdown' ? [content.value] : []));
}

async function sourcePages(text: string): Promise<string[]> {
  const literal = text.replaceAll(/["\\\n\r]/g, ' ').replaceAll('|', ' ');
  const name = wordOf(text).replaceAll(/[(),;]/g, '_');
  const texts = [
    `module_param(a, int, 0);\nMODULE_PARM_DESC(|a, "${literal}");`,
    `module_param(|${name}, ${name}, 0);`,
    `MODULE_LICENSE("|${literal}");`,
    'module_pa|ram(a, int, 0);',
    'module_param(a, int, 06|44);',
  ];
  const module = { name: text, files: [], complete: true, conditional: false };
  const pages = texts.map(async (source) => {
    const { hovers, document, position, signal } = await openSource(source, { modules: [module] });
    return (await hovers.at(document, position, signal))?.contents as MarkupContent | undefined;
  });
  return (await Promise.all(pages)).flatMap((content) => content?.value ?? []);
}

async function explanation(text: string): Promise<string> {
  const word = wordOf(text);
  const kernelDirectory = '/lib/modules/x';
  const configuration = await readConfiguration(
    {
      list: () => Promise.resolve({ kind: 'file' }),
      read: () =>
        Promise.resolve(
          `alias ${word} evil\nblacklist evil\noptions evil ${text.replaceAll(/\s/g, ' ')}\nsoftdep evil pre: ${word}b\ninstall ${word}b ${text.replaceAll(/\s/g, ' ')}\n`,
        ),
    },
    { kmod: 34, kernelDirectory, searchPaths: [`/${text}`] },
  );
  const lookup = new ModuleLookup(configuration, {
    line: (name) => (name === 'evil' ? { path: `kernel/${text}.ko`, dependencies: [] } : undefined),
    aliases: () => [],
    symbols: () => [],
    isBuiltin: () => false,
    builtinAliases: () => [],
  });
  const plan = await planProbe(lookup, word, { kernelDirectory, exists: () => Promise.resolve(true) });
  return explain(text, {
    origin: { label: text, release: text },
    tool: { kind: 'busybox', version: text },
    lookup,
    plan,
    unreadable: [text],
    uriOf: (path) => `file://${path}${text}`,
  }).source;
}

/** @returns what is more than our own marks, of all pages of the language server */
async function ofServer(text: string): Promise<string[]> {
  const pages = [...(await configurationPages(text)), ...(await sourcePages(text))];
  expect(pages.length).toBeGreaterThan(10);
  return [
    ...pages.flatMap((page) => foreignMarkup(page)),
    ...foreignMarkup(await explanation(text), OPEN_LINE),
  ];
}

function ofClient(text: string): string[] {
  const module = { name: text, objects: [text, `${text}.o`], conditional: true };
  return [
    textTooltip([text, `state: ${text}`], text),
    textTooltip([text]),
    ...[describeBuilt(moduleOf(text, text)), describeUnbuilt(module as never)].map(markdownString),
  ].flatMap(({ value }) => foreignMarkup(value));
}

describe('a hostile text is only text', () => {
  it.each(HOSTILE)('on every page: %j', async (text) => {
    expect([...(await ofServer(text)), ...ofClient(text)]).toEqual([]);
  });

  it('on every page, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        expect([...(await ofServer(text)), ...ofClient(text)]).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  /** As the editor finds links in notifications, questions and their details (base/common/linkedText.ts of 1.100). */
  const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

  it('in a notification or a question', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(plainSentence(`a [${text}](${text}) b`)).not.toMatch(LINK);
        expect(plainSentence(`${text}[x](command:x)`)).not.toMatch(LINK);
      }),
    );
  });
});
