import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DidChangeTextDocumentNotification,
  RegistrationRequest,
  type ClientCapabilities,
  type Registration,
} from 'vscode-languageserver/node';
import { Bundle, Client, type ClientOptions } from './client';

const bundle = new Bundle();
let directory: string;
let client: Client;

beforeAll(() => bundle.make());
afterAll(() => bundle.remove());
beforeEach(() => {
  // What VS Code escapes in a URI, and Node does not.
  directory = mkdtempSync(join(tmpdir(), 'kmod-c(+)-'));
  writeFileSync(join(directory, 'Kbuild'), 'obj-m := x.o\nx-y := a.o b.o\n');
  writeFileSync(join(directory, 'b.c'), 'MODULE_LICENSE("GPL");\n');
});
afterEach(async () => {
  await client.stop();
  rmSync(directory, { recursive: true });
});

const uriOf = (name: string): string =>
  pathToFileURL(join(directory, name)).href.replace('(', '%28').replace('+', '%2B').replace(')', '%29');

async function start(options: ClientOptions = {}): Promise<void> {
  client = new Client([bundle.server, '--stdio'], options);
  await client.initialize();
}

const becomes = (uri: string, codes: readonly string[]): Promise<void> =>
  client.until(async () => JSON.stringify(await client.codesIn(uri)) === JSON.stringify(codes));

describe('in a C file of a module, the server', () => {
  it('finds what is wrong, and what changes in the other files', async () => {
    await start();
    await client.open(uriOf('a.c'), 'MODULE_DESCRIPTION("d");\nmodule_param(a, int, 0666);\n', 'c');
    await becomes(uriOf('a.c'), ['parameter-without-description', 'refused-permissions']);

    await client.open(uriOf('b.c'), 'MODULE_LICENSE("GPL");\nMODULE_PARM_DESC(a, "a");\n', 'c');
    await becomes(uriOf('a.c'), ['refused-permissions']);

    await client.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: uriOf('b.c'), version: 2 },
      contentChanges: [{ text: '' }],
    });
    await becomes(uriOf('a.c'), ['missing-license', 'parameter-without-description', 'refused-permissions']);
  });

  it('completes and explains module macros', async () => {
    await start();
    await client.open(uriOf('a.c'), 'MODULE_LICENSE("");\nint x;\n', 'c');
    expect(await client.labels(uriOf('a.c'), { line: 0, character: 16 })).toContain('Dual MIT/GPL');
    expect(await client.hover(uriOf('a.c'), { line: 0, character: 3 })).toContain('modpost');
    expect(await client.labels(uriOf('a.c'), { line: 1, character: 4 })).toEqual([]);
    expect(await client.hover(uriOf('a.c'), { line: 1, character: 4 })).toBeUndefined();
  });

  it('says nothing where no module is built', async () => {
    mkdirSync(join(directory, 'program'));
    await start();
    const uri = uriOf('program/main.c');
    await client.open(uri, 'module_param(a, int, 0666);\n', 'c');
    expect(await client.hover(uri, { line: 0, character: 3 })).toBeUndefined();
    expect(await client.codesIn(uri)).toEqual([]);
  });
});

describe('of an editor that can be asked, the server asks for C files', () => {
  const can = { dynamicRegistration: true };
  const ASKABLE: ClientCapabilities = {
    textDocument: { synchronization: can, completion: can, hover: can, diagnostic: can },
  };

  it('and for no more than diagnostics, completion and hover', async () => {
    client = new Client([bundle.server, '--stdio'], { capabilities: ASKABLE });
    const asked = new Promise<readonly Registration[]>((resolve) => {
      client.connection.onRequest(RegistrationRequest.type, ({ registrations }) => resolve(registrations));
    });
    await client.initialize();
    const registrations = await asked;
    expect(registrations.map(({ method }) => method).sort()).toEqual([
      'textDocument/completion',
      'textDocument/diagnostic',
      'textDocument/didChange',
      'textDocument/didClose',
      'textDocument/didOpen',
      'textDocument/hover',
    ]);
    for (const { registerOptions } of registrations) {
      expect(registerOptions).toMatchObject({ documentSelector: [{ language: 'c', scheme: 'file' }] });
    }
  });
});
