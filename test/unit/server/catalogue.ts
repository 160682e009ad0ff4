import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CodeAction, Diagnostic, TextEdit } from 'vscode-languageserver-types';
import { readConfiguration } from '../../../kmod/config/configuration';
import type { ConfigurationFiles } from '../../../kmod/config/configurationFiles';
import { NEWEST_KMOD } from '../../../kmod/config/versions';
import { languageOf } from '../../../server/language/languageOf';
import type { Neighbourhood } from '../../../server/language/neighbours';
import { createLanguageService } from '../../../server/language/service';
import { DEFAULT_SETTINGS, type DiagnosticSettings } from '../../../server/language/settings';
import { moduleInfo, testCatalog } from './harness';

/** Texts by path. */
export type Texts = Readonly<Record<string, string>>;

/** The page of a code: what it tells to be bad, and to be good. */
export interface Page {
  readonly code: string;
  readonly bad: Texts;
  readonly good: Texts;
}

const PAGES = join(import.meta.dirname, '../../../docs/diagnostics');

export function readPages(): Page[] {
  return readdirSync(PAGES)
    .sort()
    .map((file) => {
      const text = readFileSync(join(PAGES, file), 'utf8');
      const section = (title: string) => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
      return { code: file.replace('.md', ''), bad: textsIn(section('Bad')), good: textsIn(section('Good')) };
    });
}

/** Code blocks are in the language that they name; a path in front of one says where the file is. */
function textsIn(section: string): Texts {
  const blocks = section.matchAll(/(?:`(\/[^`]+)`:\n\n)?```([\w-]+)\n(.*?\n)```/gs);
  return Object.fromEntries(
    [...blocks].map(([, path, language, text = '']) => [path ?? `/etc/${language}.d/test.conf`, text]),
  );
}

const builtIn = (name: string, ...strings: string[]) => {
  const { architecture: _, ...info } = moduleInfo(name, ...strings);
  return info;
};

/** A small kernel, with modules that everybody knows. */
const MODULES = [
  moduleInfo('e1000e', 'depends=ptp', 'parmtype=debug:int', 'parmtype=IntMode:array of int'),
  moduleInfo('ptp'),
  moduleInfo('nouveau', 'depends=drm', 'parmtype=modeset:int', 'parmtype=config:charp'),
  moduleInfo('i915', 'depends=drm', 'parmtype=modeset:int'),
  moduleInfo('drm'),
  moduleInfo('pcspkr'),
  moduleInfo('snd_pcsp'),
  moduleInfo('snd_hda_intel', 'parmtype=index:array of int', 'parmtype=power_save_controller:bool'),
  moduleInfo('vfio_pci', 'parmtype=ids:string'),
  moduleInfo('btusb', 'parmtype=enable_autosuspend:bool'),
  builtIn('loop', 'parmtype=max_loop:int'),
];

/** Files that are read together, on a small kernel. */
export async function openTexts(
  texts: Texts,
  settings: Partial<DiagnosticSettings> = {},
  editorCommands: readonly string[] = [],
) {
  const catalog = await testCatalog(MODULES, ['fs-ext4']);
  const documents = new Map(
    Object.entries(texts).map(([path, text]) => {
      const uri = `file://${path}`;
      return [uri, TextDocument.create(uri, languageOf('', uri) ?? 'modprobe', 1, text)];
    }),
  );
  const { kmod = NEWEST_KMOD } = settings;
  const configuration = await readConfiguration(filesOf(texts), { kmod, kernelDirectory: '/lib/modules/x' });
  const neighbourhood: Neighbourhood = { configuration, uriOf: (path) => `file://${path}` };
  const service = createLanguageService({
    catalog,
    neighbours: { peek: () => neighbourhood, openDocument: (uri) => documents.get(uri) },
    editorCommands: () => editorCommands,
  });
  service.configure({ ...DEFAULT_SETTINGS, ...settings });
  // The first look makes the catalog read what it lacks.
  for (const document of documents.values()) service.validate(document);
  await setImmediate();
  const found = [...documents.values()].flatMap((document) =>
    service.validate(document).map((diagnostic) => ({ document, diagnostic })),
  );
  const actions = async ({ document, diagnostic }: (typeof found)[number], only?: string[]) =>
    service.codeActions(
      document,
      diagnostic.range,
      { diagnostics: [diagnostic], ...(only === undefined ? {} : { only }) },
      new AbortController().signal,
    );
  return { found, actions };
}

function filesOf(texts: Texts): ConfigurationFiles {
  return {
    list: (path) => {
      const inside = Object.keys(texts).filter((file) => file.startsWith(`${path}/`));
      const entries = inside.map((file) => ({ name: file.slice(path.length + 1), kind: 'file' as const }));
      return Promise.resolve(
        entries.length === 0 ? { kind: 'missing' as const } : { kind: 'directory' as const, entries },
      );
    },
    read: (path) => Promise.resolve(texts[path]),
  };
}

export async function codesIn(texts: Texts, settings?: Partial<DiagnosticSettings>): Promise<string[]> {
  return (await openTexts(texts, settings)).found.map(({ diagnostic }) => String(diagnostic.code));
}

/** Whether an action is about a diagnostic. */
export function isAbout(action: CodeAction, { code, range }: Diagnostic): boolean {
  return (action.diagnostics ?? []).some(
    (about) => about.code === code && JSON.stringify(about.range) === JSON.stringify(range),
  );
}

/** The texts after an action is carried out. */
export function carryOut(texts: Texts, { edit }: CodeAction): Texts {
  const result: Record<string, string> = { ...texts };
  const change = (uri: string, edits: readonly TextEdit[]) => {
    const path = uri.replace('file://', '');
    const document = TextDocument.create(uri, '', 0, result[path] ?? '');
    result[path] = TextDocument.applyEdits(document, [...edits]);
  };
  for (const [uri, edits] of Object.entries(edit?.changes ?? {})) change(uri, edits);
  for (const operation of edit?.documentChanges ?? []) {
    if ('textDocument' in operation) {
      change(operation.textDocument.uri, operation.edits as TextEdit[]);
    } else if (operation.kind === 'rename') {
      const [from, to] = [operation.oldUri, operation.newUri].map((uri) => uri.replace('file://', ''));
      result[to as string] = result[from as string] ?? '';
      delete result[from as string];
    }
  }
  return result;
}
