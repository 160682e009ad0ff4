import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DidCloseTextDocumentNotification, type ServerCapabilities } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { hostileDocuments } from '../unit/server/hostileDocuments';
import { Bundle, Client } from './client';
import { askAll, REQUESTS } from './requests';

/** A Kbuild file that was made to be slow. */
const KBUILD: Readonly<Record<string, string>> = {
  'variables that grow': `A0 := x\n${Array.from({ length: 8 }, (_, n) => `A${n + 1} := ${`$(A${n}) `.repeat(40)}\n`).join('')}obj-m := $(A8)\n`,
  'a variable of itself': 'A = $(A) $(A)\nobj-m := $(A)\n',
  'many modules': `obj-m := ${'a.o '.repeat(25_000)}\n`,
  'many objects': `obj-m := x.o\nx-y := ${Array.from({ length: 10_000 }, (_, n) => `a${n}.o`).join(' ')}\n`,
  'many lines of one module': `obj-m := x.o\n${'x-y += a.o\n'.repeat(10_000)}`,
  continuations: `obj-m := ${'\\\n'.repeat(50_000)}x.o`,
  'references that do not end': `obj-m := x.o\nx-y := ${'$('.repeat(50_000)}`,
  blanks: `obj-m := ${' '.repeat(100_000)}x.o`,
  'a long word': `obj-m := ${'x'.repeat(100_000)}.o\n`,
};

const bundle = new Bundle();
let directory: string;
let client: Client;
let capabilities: ServerCapabilities;

beforeAll(async () => {
  await bundle.make();
  directory = mkdtempSync(join(tmpdir(), 'hostile-'));
  client = new Client([bundle.server, '--stdio'], {
    folder: pathToFileURL(directory).href,
    settings: { sysroot: directory },
  });
  ({ capabilities } = await client.initialize());
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
  bundle.remove();
  rmSync(directory, { recursive: true });
});

const uriOf = (name: string): string => pathToFileURL(join(directory, name)).href;

/** Asks all about the beginning, the middle and the end of a document. */
async function askAbout(name: string, text: string, language: string): Promise<void> {
  const uri = uriOf(name);
  const document = TextDocument.create(uri, language, 1, text);
  await client.open(uri, text, language);
  const range = { start: document.positionAt(0), end: document.positionAt(text.length) };
  for (const offset of [text.indexOf(' ') + 1, text.length >> 1, text.length - 1]) {
    await askAll(client.connection, { uri, position: document.positionAt(offset), range });
  }
  await client.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  expect(client.log.filter((message) => / at /.test(message))).toEqual([]);
}

it('all that the server offers is asked for', () => {
  const offered = Object.keys(capabilities).filter(
    (key) => key !== 'textDocumentSync' && key !== 'workspace',
  );
  expect(Object.keys(REQUESTS).sort()).toEqual(offered.sort());
});

describe('every request is answered', () => {
  it.each(hostileDocuments('c').map(({ title, text }) => [title, text]))(
    'about C with %s',
    async (_title, text) => {
      writeFileSync(join(directory, 'Kbuild'), 'obj-m := x.o\n');
      await askAbout('x.c', text, 'c');
    },
  );

  it.each(Object.entries(KBUILD))('about a Kbuild file of %s', async (_title, text) => {
    await askAbout('Kbuild', text, 'makefile');
  });

  it.each(Object.entries(KBUILD))('about C beside a Kbuild file of %s', async (_title, text) => {
    writeFileSync(join(directory, 'Kbuild'), text);
    await askAbout('x.c', 'module_param(a, int, 0);\nMODULE_LICENSE("GPL");\n', 'c');
  });
});
