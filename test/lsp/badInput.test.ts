import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DidChangeTextDocumentNotification,
  DocumentDiagnosticRequest,
  type Diagnostic,
} from 'vscode-languageserver/node';
import { Bundle, Client } from './client';
import { askAll as askAllAt } from './requests';

const MIB = 1 << 20;

const bundle = new Bundle();
let root: string;
let client: Client;

beforeAll(() => bundle.make());
afterAll(() => bundle.remove());

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bad-input-'));
  await mkdir(join(root, 'etc/modprobe.d'), { recursive: true });
  client = new Client([bundle.server, '--stdio'], { settings: { sysroot: root } });
  await client.initialize();
});

afterEach(async () => {
  expect(await client.stop()).toBe(0);
  await rm(root, { recursive: true });
});

const inDirectory = (name: string): string => join(root, 'etc/modprobe.d', name);
const uriOf = (name: string): string => pathToFileURL(inDirectory(name)).href;

async function diagnosticsOf(uri: string): Promise<Diagnostic[]> {
  const report = await client.connection.sendRequest(DocumentDiagnosticRequest.type, {
    textDocument: { uri },
  });
  return report.kind === 'full' ? report.items : [];
}

const askAll = (uri: string): Promise<void> =>
  askAllAt(client.connection, {
    uri,
    position: { line: 0, character: 3 },
    range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
  });

const NAMES = Array.from({ length: 300 }, (_, index) => `m${index}`);

const errors = (): string[] => client.log.filter((message) => / at /.test(message));

describe('an open document', () => {
  const bytes = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7919) % 256));
  it.each([
    ['binary text', bytes.toString('latin1')],
    ['the text of an ELF file', bytes.toString('utf8')],
    ['NUL characters', 'blacklist a\0b\n\0\0\noptions a\0 b=1\n'],
    ['CR LF and a byte order mark', '\ufeffblacklist a\r\noptions a b=1\r\n'],
    ['lone surrogates', 'options a b=\ud800\nblacklist \udc00\n'],
    ['a line of 1 MB', `options a ${Array.from({ length: 100_000 }, (_, index) => `b${index}=1`).join(' ')}`],
    ['a line of 1 MB of blanks', `softdep a pre: ${' '.repeat(MIB)}b`],
    ['a line of 1 MB of brackets', `alias ${'['.repeat(MIB)} b`],
    ['a command of 1 MB', `install a ${'modprobe b; '.repeat(MIB / 12)}`],
    ['1 MB of backslashes', `options a ${'\\\n'.repeat(MIB / 2)}`],
    ['50,000 lines that are wrong', 'bogus\n'.repeat(50_000)],
    ['a line of 250,000 words that are overridden', `options a ${'b=1 '.repeat(250_000)}`],
    [
      '300 lines of 300 unknown modules',
      NAMES.map((name) => `softdep ${name} pre: ${NAMES.join(' ')}\n`).join(''),
    ],
  ])('may have %s: every request is answered, and 400 MB are not taken', async (_name, text) => {
    await client.open(uriOf('a.conf'), text);
    await askAll(uriOf('a.conf'));
    expect(errors()).toEqual([]);
    expect(client.peakMemory()).toBeLessThan(400 * MIB);
  });

  it('has at most 1,000 diagnostics, and says so', async () => {
    await client.open(uriOf('a.conf'), 'bogus\n'.repeat(5_000));
    const found = await diagnosticsOf(uriOf('a.conf'));
    expect(found).toHaveLength(1_001);
    expect(found[0]?.message).toBe('Only the first 1000 problems are shown: there are more');
  });

  it('of 100 MB is not looked at, and goes on to be when it got smaller', { timeout: 120_000 }, async () => {
    const uri = uriOf('a.conf');
    await client.open(uri, 'blacklist abcde\n'.repeat((100 * MIB) / 16));
    await askAll(uri);
    expect((await diagnosticsOf(uri)).map(({ message }) => message)).toEqual([
      'This file is not checked: it has more than 16 MiB',
    ]);
    expect(client.log.join('\n')).toContain(`${uri} is not looked at: it has ${100 * MIB} characters`);
    await client.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: 'bogus\n' }],
    });
    expect(await client.codesIn(uri)).toEqual(['unknown-command']);
  });
});

describe('files next to an open document', () => {
  it('may be anything: what is not read is told', async () => {
    execFileSync('mkfifo', [inDirectory('fifo.conf')]);
    await symlink('loop.conf', inDirectory('loop.conf'));
    await symlink('gone', inDirectory('dangling.conf'));
    await mkdir(inDirectory('directory.conf'));
    await writeFile(inDirectory('binary.conf'), Buffer.from([0, 255, 254, 10, 128, 92]));
    await writeFile(inDirectory('large.conf'), '');
    await truncate(inDirectory('large.conf'), 100 * MIB);
    await writeFile(inDirectory('b.conf'), 'blacklist a\n');
    await writeFile(inDirectory('z.conf'), 'blacklist a\n');
    const uri = uriOf('z.conf');
    await client.open(uri, 'blacklist a\n');
    await client.until(async () => (await client.codesIn(uri)).includes('duplicate-entry'));
    await askAll(uri);
    expect(client.log).toEqual(
      expect.arrayContaining([
        `${inDirectory('fifo.conf')} is skipped: it is no file`,
        `${inDirectory('large.conf')} is skipped: it has ${100 * MIB} bytes`,
      ]),
    );
    expect(errors()).toEqual([]);
  });

  it('may go away while they are read', async () => {
    for (let index = 0; index < 100; index++) await writeFile(inDirectory(`${index}.conf`), 'blacklist a\n');
    await client.open(uriOf('z.conf'), 'bogus\n');
    const asked = askAll(uriOf('z.conf'));
    await rm(join(root, 'etc'), { recursive: true });
    await asked;
    expect(await client.codesIn(uriOf('z.conf'))).toEqual(['unknown-command']);
    expect(errors()).toEqual([]);
  });
});
