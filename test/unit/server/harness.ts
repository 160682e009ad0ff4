import { setImmediate } from 'node:timers/promises';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CompletionItem, Diagnostic, MarkupContent, Position } from 'vscode-languageserver-types';
import { moduleInfoOfEntries, parseEntry, type ModuleInfo } from '../../../kmod/modinfo';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { CachedCatalog } from '../../../server/catalog/cachedCatalog';
import type { Catalog, ModuleSource } from '../../../server/catalog/catalog';
import { createLanguageService } from '../../../server/language/service';

export const ORIGIN = { label: 'board-a', release: '6.1.0-test' };

/** A module's facts from .modinfo strings. */
export function moduleInfo(name: string, ...strings: string[]): ModuleInfo {
  return { ...moduleInfoOfEntries(strings.map(parseEntry), name), architecture: 'x86_64' };
}

export const HELLO = moduleInfo(
  'hello',
  'description=Greets from the kernel',
  'license=GPL',
  'depends=chain_base',
  'parm=count:How often to greet',
  'parmtype=count:int',
  'parmtype=who:charp',
  'parmtype=loud_ly:bool',
);

const DEVICE_ALIASES = ['pci:v00001234d000011E8sv*sd*bc*sc*i*', 'usb:v1D6Bp0002d*dc*dsc*dp*ic*isc*ip*in*'];

/** A source in memory. */
export function sourceOf(modules: readonly ModuleInfo[], aliases?: readonly string[]): ModuleSource {
  return {
    origin: ORIGIN,
    readIndex: () => Promise.resolve({ names: modules.map(({ name }) => name), aliases }),
    readInfo: (name) => Promise.resolve(modules.find((module) => module.name === name)),
    resolve: (alias) => Promise.resolve(alias === 'fs_ext4' ? ['snd_hda_intel', 'hello'] : []),
    deviceAliases: (prefix) => Promise.resolve(DEVICE_ALIASES.filter((alias) => alias.startsWith(prefix))),
    dependants: (name) =>
      Promise.resolve(
        modules
          .filter(({ entries }) => entries.some(({ key, value }) => key === 'depends' && value === name))
          .map((module) => module.name),
      ),
    isStale: () => Promise.resolve(false),
  };
}

export const SILENT = { warn: () => undefined, error: () => undefined };

const MODULES = [HELLO, moduleInfo('chain_base'), moduleInfo('snd_hda_intel')];

/** A catalog that knows hello, chain_base and snd_hda_intel, and has read all about them. */
export async function testCatalog(
  modules = MODULES,
  aliases: readonly string[] = ['fs-ext4', 'char-major-10-*'],
) {
  const catalog = new CachedCatalog(sourceOf(modules, aliases), SILENT);
  const { signal } = new AbortController();
  for (const name of await catalog.names(signal)) await catalog.get(name, signal);
  return catalog;
}

/** The service on one document, whose text may mark the cursor with a bar. */
export async function open(marked: string, language: ConfigLanguage = 'modprobe', given?: Catalog) {
  const catalog = given ?? (await testCatalog());
  const service = createLanguageService({ catalog });
  const cursor = marked.indexOf('|');
  const text = cursor < 0 ? marked : marked.slice(0, cursor) + marked.slice(cursor + 1);
  const document = TextDocument.create(`file:///etc/${language}.d/test.conf`, language, 1, text);
  const position: Position = document.positionAt(Math.max(cursor, 0));
  const { signal } = new AbortController();
  return { service, document, position, signal, catalog };
}

export async function completionsAt(marked: string, language?: ConfigLanguage, catalog?: Catalog) {
  const { service, document, position, signal } = await open(marked, language, catalog);
  return (await service.complete(document, position, signal)).items;
}

export async function labelsAt(
  marked: string,
  language?: ConfigLanguage,
  catalog?: Catalog,
): Promise<string[]> {
  return (await completionsAt(marked, language, catalog)).map(({ label }) => label);
}

/** The text after a completion is taken. */
export function apply(marked: string, { textEdit }: CompletionItem): string {
  if (textEdit === undefined || !('range' in textEdit)) throw new Error('the completion has no text edit');
  const document = TextDocument.create('file:///t', 'modprobe', 1, marked.replace('|', ''));
  return TextDocument.applyEdits(document, [textEdit]);
}

export async function hoverAt(
  marked: string,
  language?: ConfigLanguage,
  catalog?: Catalog,
): Promise<string | undefined> {
  const { service, document, position, signal } = await open(marked, language, catalog);
  const hover = await service.hover(document, position, signal);
  return hover && (hover.contents as MarkupContent).value;
}

/** What is found: the code, and the text that is underlined. */
export async function findingsIn(
  text: string,
  language?: ConfigLanguage,
  catalog?: Catalog,
): Promise<[string, string][]> {
  return (await diagnosticsIn(text, language, catalog)).map(({ code, marked }) => [code, marked]);
}

export async function diagnosticsIn(text: string, language?: ConfigLanguage, catalog?: Catalog) {
  const { service, document } = await open(text, language, catalog);
  // A look makes the catalog read what it lacks, and then the next may ask for more; in memory that is done in a moment.
  for (let look = 0; look < 3; look++) {
    service.validate(document);
    await setImmediate();
  }
  return service.validate(document).map(({ code, range, message }: Diagnostic) => ({
    code: String(code),
    marked: document.getText(range),
    message: typeof message === 'string' ? message : message.value,
  }));
}
