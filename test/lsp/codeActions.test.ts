import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CodeActionRequest, DocumentDiagnosticRequest, type Diagnostic } from 'vscode-languageserver/node';
import { Bundle, Client } from './client';

const bundle = new Bundle();
beforeAll(() => bundle.make());
afterAll(() => bundle.remove());

let root: string;
let client: Client;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'code-actions-'));
  mkdirSync(join(root, 'etc/modprobe.d'), { recursive: true });
  client = new Client([bundle.server, '--stdio'], {
    settings: { sysroot: root, diagnostics: { severity: { 'missing-argument': 'off' } } },
  });
  await client.initialize();
});
afterEach(async () => {
  expect(await client.stop()).toBe(0);
  rmSync(root, { recursive: true });
});

async function open(name: string, text: string): Promise<string> {
  const path = join(root, 'etc/modprobe.d', name);
  writeFileSync(path, text);
  const uri = pathToFileURL(path).href;
  await client.open(uri, text);
  return uri;
}

async function pull(uri: string): Promise<Diagnostic[]> {
  const report = await client.connection.sendRequest(DocumentDiagnosticRequest.type, {
    textDocument: { uri },
  });
  return report.kind === 'full' ? report.items : [];
}

describe('code actions', () => {
  it('fix one finding, or all that leave no doubt', async () => {
    const uri = await open('a.conf', 'Blacklist foo\n  # late\nalias x\n');
    const diagnostics = await pull(uri);
    expect(diagnostics.map(({ code }) => code)).toEqual(['unknown-command', 'indented-comment']);
    const ask = (only?: string[]) =>
      client.connection.sendRequest(CodeActionRequest.type, {
        textDocument: { uri },
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } },
        context: { diagnostics, ...(only === undefined ? {} : { only }) },
      });
    expect(await ask()).toMatchObject([{ title: "Change to 'blacklist'", kind: 'quickfix' }]);
    const edits = [{ newText: 'blacklist' }, { newText: '' }];
    expect(await ask(['source.fixAll'])).toMatchObject([
      { kind: 'source.fixAll.kmod', edit: { changes: { [uri]: edits } } },
    ]);
  });
});

describe('the files around a document', () => {
  it('are told once they are read: the editor pulls again', async () => {
    writeFileSync(join(root, 'etc/modprobe.d/a.conf'), 'blacklist foo\n');
    const uri = await open('b.conf', 'blacklist foo\n');
    await client.until(async () => (await client.codesIn(uri)).join() === 'duplicate-entry');
  });
});
