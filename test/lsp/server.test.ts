import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  CancellationTokenSource,
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  CodeLensRequest,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentLinkRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRefreshRequest,
  InlayHintRequest,
  LSPErrorCodes,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  WorkspaceSymbolRequest,
  type Location,
} from 'vscode-languageserver/node';
import { Explain, TargetModulesChanged, type ExplainParams, type ExplainResult } from '../../server/protocol';
import { HELLO, ORIGIN } from '../unit/server/harness';
import { KERNEL, Sysroot } from '../unit/server/sysroot';
import { Bundle, Client, type ClientOptions } from './client';

const URI = 'file:///etc/modprobe.d/test.conf';

const bundle = new Bundle();
let sysroot: Sysroot;
let clients: Client[] = [];

beforeAll(async () => {
  await bundle.make();
  sysroot = await Sysroot.create();
  await sysroot.install('6.1.0', KERNEL);
});

afterAll(async () => {
  bundle.remove();
  await sysroot.remove();
});

afterEach(async () => {
  const codes = await Promise.all(clients.map((client) => client.stop()));
  clients = [];
  expect(codes.every((code) => code === 0)).toBe(true);
});

async function start(options: ClientOptions = {}, argv = [bundle.server, '--stdio']): Promise<Client> {
  const client = new Client(argv, { settings: { sysroot: sysroot.path }, ...options });
  clients.push(client);
  await client.initialize();
  return client;
}

/** A target with hello alone. */
const TARGET: ClientOptions = {
  targetModuleNames: () => Promise.resolve({ names: ['hello'], aliases: [] }),
  targetModuleInfo: (name) => Promise.resolve(name === 'hello' ? HELLO : null),
};

describe.each([
  ['server.js', () => [bundle.server, '--stdio']],
  ['cli.js', () => [bundle.cli, '--stdio']],
])('%s --stdio', (_name, argv) => {
  it('answers an editor: diagnostics, completion, hover, symbols', async () => {
    const client = await start({}, argv());
    await client.open(URI, 'bogus\noptions ext4 \nblacklist d\n');
    expect(await client.codesIn(URI)).toEqual(['unknown-command', 'missing-argument']);
    expect((await client.labels(URI, { line: 2, character: 10 })).sort()).toEqual([
      'a_b',
      'c',
      'd',
      'ext4',
      'passwd',
    ]);
    expect(await client.hover(URI, { line: 1, character: 9 })).toContain('built into the kernel');
    const symbols = await client.connection.sendRequest(DocumentSymbolRequest.type, {
      textDocument: { uri: URI },
    });
    expect(symbols?.map(({ name }) => name)).toEqual(['blacklist d']);
  });
});

describe('an editor', () => {
  const textDocument = { uri: URI };

  it('gets the signature of a parameter', async () => {
    const client = await start(TARGET);
    await client.connectTarget(ORIGIN);
    await client.open(URI, 'options hello count=\n');
    const help = await client.connection.sendRequest(SignatureHelpRequest.type, {
      textDocument,
      position: { line: 0, character: 20 },
    });
    expect(help).toMatchObject({
      signatures: [{ label: 'hello count=int who=charp loud_ly=bool' }],
      activeParameter: 0,
    });
  });

  it('folds and colours what kmod reads', async () => {
    const client = await start();
    await client.open(URI, '# a\n# b\nblacklist c\n');
    expect(await client.connection.sendRequest(FoldingRangeRequest.type, { textDocument })).toEqual([
      { startLine: 0, endLine: 1, kind: 'comment' },
    ]);
    const tokens = await client.connection.sendRequest(SemanticTokensRequest.type, { textDocument });
    expect(tokens?.data).toEqual([0, 0, 3, 0, 0, 1, 0, 3, 0, 0, 1, 0, 9, 1, 0, 0, 10, 1, 2, 0]);
  });

  it('formats a document, or some lines of it', async () => {
    const client = await start();
    await client.open(URI, 'alias  a b\nalias  c d\n');
    const options = { tabSize: 4, insertSpaces: true };
    const edits = await client.connection.sendRequest(DocumentFormattingRequest.type, {
      textDocument,
      options,
    });
    expect(edits?.map(({ range }) => range.start.line)).toEqual([0, 1]);
    const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
    const some = await client.connection.sendRequest(DocumentRangeFormattingRequest.type, {
      textDocument,
      range,
      options,
    });
    expect(some?.map(({ range: { start } }) => start.line)).toEqual([1]);
  });

  it('goes to definitions and references, and renames, over the files of one system', async () => {
    const client = await start();
    const file = async (path: string, text: string) => {
      await mkdir(dirname(join(sysroot.path, path)), { recursive: true });
      await writeFile(join(sysroot.path, path), text);
      return pathToFileURL(join(sysroot.path, path)).href;
    };
    const aliases = await file('usr/lib/modprobe.d/alias.conf', 'alias my-fs ext4\n');
    const uri = await file('etc/modprobe.d/y.conf', '');
    await client.open(uri, 'options my_fs a=1\nsoftdep x pre: my-fs\n');
    const place = { textDocument: { uri }, position: { line: 0, character: 9 } };
    const uses = [
      [aliases, 0, 6],
      [uri, 0, 8],
      [uri, 1, 15],
    ];
    const [definition] = (await client.connection.sendRequest(DefinitionRequest.type, place)) as Location[];
    expect(definition?.uri).toBe(aliases);
    const references = await client.connection.sendRequest(ReferencesRequest.type, {
      ...place,
      context: { includeDeclaration: true },
    });
    expect(references?.map((each) => [each.uri, each.range.start.line, each.range.start.character])).toEqual(
      uses,
    );
    expect(await client.connection.sendRequest(PrepareRenameRequest.type, place)).toMatchObject({
      start: { character: 8 },
    });
    const edit = await client.connection.sendRequest(RenameRequest.type, { ...place, newName: 'other' });
    expect(Object.keys(edit?.changes ?? {})).toEqual([aliases, uri]);
    await expect(
      client.connection.sendRequest(RenameRequest.type, { ...place, newName: 'a b' }),
    ).rejects.toThrow('no blanks');
    const symbols = await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query: 'myfs' });
    expect(symbols?.map(({ name }) => name)).toEqual(['options my_fs', 'alias my-fs']);
    const hints = await client.connection.sendRequest(InlayHintRequest.type, {
      textDocument: { uri },
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
    });
    expect(hints?.map(({ label }) => label)).toEqual(['→ ext4']);
    const items = await client.connection.sendRequest(CallHierarchyPrepareRequest.type, place);
    const [item] = items ?? [];
    if (item === undefined) throw new Error('there is no call hierarchy');
    const brings = await client.connection.sendRequest(CallHierarchyOutgoingCallsRequest.type, { item });
    expect(brings?.map(({ to }) => to.name)).toEqual(['ext4']);
    const broughtBy = await client.connection.sendRequest(CallHierarchyIncomingCallsRequest.type, { item });
    expect(broughtBy?.map(({ from }) => from.name)).toEqual(['x']);
    const lenses = await client.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
    expect(lenses?.map(({ command }) => command?.title)).toEqual([
      'effective: 1 option from 1 file',
      'Explain modprobe my_fs',
      'Explain modprobe x',
    ]);
  });

  it('goes from a parameter to the C source of the workspace', async () => {
    const folder = join(sysroot.path, 'src');
    await mkdir(folder);
    await writeFile(join(folder, 'Kbuild'), 'obj-m := greet.o\n');
    await writeFile(join(folder, 'greet.c'), 'static int count;\nmodule_param(count, int, 0444);\n');
    const client = await start({ folder: pathToFileURL(folder).href });
    await client.open(URI, 'options greet count=1\n');
    const [definition] = (await client.connection.sendRequest(DefinitionRequest.type, {
      textDocument,
      position: { line: 0, character: 15 },
    })) as Location[];
    expect(definition).toMatchObject({
      uri: pathToFileURL(join(folder, 'greet.c')).href,
      range: { start: { line: 1, character: 13 } },
    });
  });

  it('gets explained what modprobe would do by the sysroot, with what is not saved yet', async () => {
    const client = await start();
    const file = join(sysroot.path, 'etc/modprobe.d/explained.conf');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    const uri = pathToFileURL(file).href;
    await client.open(uri, 'install my-command /bin/true\n');
    const params: ExplainParams = { name: 'my_command' };
    const explained = await client.connection.sendRequest<ExplainResult>(Explain, params);
    expect(explained?.markdown).toContain(
      'has no module, but a command, by ` install my_command /bin/true `',
    );
  });

  it('gets explained what modprobe would do on the connected target, by what the client reads there', async () => {
    const client = await start({
      ...TARGET,
      targetSystem: () =>
        Promise.resolve({
          version: 'kmod version 29\n',
          directories: [
            { path: '/etc/modprobe.d', entries: [{ name: 'a.conf', kind: 'file' }] },
            { path: '/run/modprobe.d', entries: null },
          ],
          files: [
            {
              path: '/etc/modprobe.d/a.conf',
              uri: 'kmod-target://board-a/a.conf',
              text: 'install x /bin/true\n',
            },
          ],
          unreadable: [],
          indexes: {},
          moduleFiles: null,
          loaded: [],
        }),
    });
    await client.connectTarget(ORIGIN);
    const explain = () => client.connection.sendRequest<ExplainResult>(Explain, { name: 'x' });
    const { markdown } = (await explain()) ?? { markdown: '' };
    expect(markdown).toContain('board\\-a, kernel 6\\.1\\.0\\-test*, read by its own kmod 29.');
    expect(markdown).toContain(encodeURIComponent('kmod-target://board-a/a.conf#L1'));
    expect(markdown).toContain('the login may not read ` /run/modprobe.d `');
  });

  it('opens the files that commands name, below the root that the document is in', async () => {
    const client = await start();
    const uri = pathToFileURL(join(sysroot.path, 'etc/modprobe.d/x.conf')).href;
    await client.open(uri, 'install a /lib/modules/6.1.0/modules.dep /bin/sh\n');
    const links = await client.connection.sendRequest(DocumentLinkRequest.type, { textDocument: { uri } });
    const target = pathToFileURL(join(sysroot.path, 'lib/modules/6.1.0/modules.dep')).href;
    expect(links?.map((link) => link.target)).toEqual([target]);
  });
});

describe('the server', () => {
  it('says what it can do', async () => {
    const client = new Client([bundle.server, '--stdio']);
    clients.push(client);
    expect((await client.initialize()).capabilities).toMatchObject({
      completionProvider: { resolveProvider: true },
      hoverProvider: true,
      documentSymbolProvider: true,
      diagnosticProvider: { identifier: 'kmod' },
    });
  });

  it('decides by the path where the editor has another name for the language', async () => {
    const client = await start();
    await client.open('file:///etc/modules-load.d/x.conf', 'a b\n', 'conf');
    await client.open('file:///etc/nginx/x.conf', 'bogus\n', 'conf');
    await client.open('file:///home/depmod.d/x.conf', 'search updates\nalias a b\n', 'plaintext');
    expect(await client.codesIn('file:///etc/modules-load.d/x.conf')).toEqual(['modules-load-line']);
    expect(await client.codesIn('file:///etc/nginx/x.conf')).toEqual([]);
    expect(await client.codesIn('file:///home/depmod.d/x.conf')).toEqual(['wrong-dialect']);
  });

  it('follows edits, in UTF-16 units', async () => {
    const client = await start();
    await client.open(URI, '# 😀 \nbogus\n');
    await client.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: URI, version: 2 },
      contentChanges: [
        {
          range: { start: { line: 0, character: 4 }, end: { line: 0, character: 5 } },
          text: '!\nsoftdep ext4 pre: c',
        },
        { range: { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } }, text: '' },
      ],
    });
    expect(await client.codesIn(URI)).toEqual([]);
    expect(await client.hover(URI, { line: 1, character: 10 })).toContain('**ext4**');
  });

  it('speaks of the connected target, and asks to pull again when the target changes', async () => {
    const client = await start(TARGET);
    await client.open(URI, 'options hello nope=1\nblacklist ext4\n');
    await client.until(async () => (await client.codesIn(URI)).join() === 'unknown-module,builtin-no-effect');
    await client.connectTarget(ORIGIN);
    await client.until(async () => (await client.codesIn(URI)).join() === 'unknown-parameter,unknown-module');
    expect(await client.hover(URI, { line: 0, character: 9 })).toContain(
      '*board\\-a, kernel 6\\.1\\.0\\-test*',
    );
    expect(await client.labels(URI, { line: 0, character: 14 })).toEqual(['count', 'who', 'loud_ly']);
    await client.connectTarget(null);
    await client.until(async () => (await client.codesIn(URI)).join() === 'unknown-module,builtin-no-effect');
    expect(await client.hover(URI, { line: 1, character: 11 })).toContain('built into the kernel');
  });

  it('asks an editor that can to take its inlay hints anew, when the modules are others', async () => {
    const client = await start({
      ...TARGET,
      capabilities: { textDocument: { diagnostic: {} }, workspace: { inlayHint: { refreshSupport: true } } },
    });
    const asked = new Promise<void>((resolve) => {
      client.connection.onRequest(InlayHintRefreshRequest.type, () => resolve());
    });
    await client.connectTarget(ORIGIN);
    await asked;
  });

  it('goes by the kmod of the connected target, as long as it is connected', async () => {
    const client = await start(TARGET);
    await client.open(URI, 'weakdep hello hello\n');
    expect(await client.codesIn(URI)).not.toContain('version-required');
    await client.connectTarget(ORIGIN, 'kmod version 30');
    await client.until(async () => (await client.codesIn(URI)).includes('version-required'));
    await client.connectTarget(null);
    await client.until(async () => !(await client.codesIn(URI)).includes('version-required'));
  });

  it('asks the target again when its modules change', async () => {
    let names = ['hello'];
    const client = await start({
      ...TARGET,
      targetModuleNames: () => Promise.resolve({ names, aliases: [] }),
    });
    await client.open(URI, 'blacklist fresh\n');
    await client.connectTarget(ORIGIN);
    await client.until(async () => (await client.codesIn(URI)).includes('unknown-module'));
    names = ['hello', 'fresh'];
    await client.connection.sendNotification(TargetModulesChanged);
    await client.until(async () => (await client.codesIn(URI)).length === 0);
    expect(await client.labels(URI, { line: 0, character: 10 })).toEqual(names);
  });

  it('goes on when the target does not answer', async () => {
    const failing = () => Promise.reject(new Error('the connection to board-a is lost'));
    const client = await start({ targetModuleNames: failing, targetModuleInfo: failing });
    await client.open(URI, 'bogus\noptions hello nope=1\n');
    await client.connectTarget(ORIGIN);
    expect(await client.labels(URI, { line: 1, character: 10 })).toEqual([]);
    expect(await client.hover(URI, { line: 1, character: 10 })).toBeUndefined();
    expect(await client.codesIn(URI)).toEqual(['unknown-command']);
    expect(client.log.join('\n')).toContain('the connection to board-a is lost');
  });

  it('follows the settings', async () => {
    const client = await start();
    await client.open(URI, 'blacklist other\n');
    await client.until(async () => (await client.codesIn(URI)).includes('unknown-module'));
    await sysroot.install('6.2.0', { 'modules.dep': 'kernel/other.ko:\n' });
    await client.changeSettings({ sysroot: sysroot.path, kernelRelease: '6.2.0' });
    await client.until(async () => (await client.codesIn(URI)).length === 0);
    await client.changeSettings({ sysroot: 42, kernelRelease: null });
    await client.changeSettings({ sysroot: '/nonexistent' });
    await client.until(() =>
      Promise.resolve(client.log.some((message) => message.includes('/nonexistent/lib/modules'))),
    );
    expect(await client.labels(URI, { line: 0, character: 10 })).toEqual([]);
  });

  it('ends a request that is cancelled', async () => {
    let asked: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const client = await start({
      ...TARGET,
      targetModuleInfo: () => (asked(), new Promise(() => undefined)),
    });
    await client.open(URI, 'options hello count=1\n');
    await client.connectTarget(ORIGIN);
    const cancel = new CancellationTokenSource();
    const hover = client.connection.sendRequest(
      HoverRequest.type,
      { textDocument: { uri: URI }, position: { line: 0, character: 9 } },
      cancel.token,
    );
    await reached;
    cancel.cancel();
    await expect(hover).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect(await client.codesIn(URI)).toEqual([]);
  });

  it('takes any text', async () => {
    const client = await start();
    const texts = [
      '\0\0\n\0',
      'alias \ud800 \udc00\\',
      '\r\r\r',
      'options c a="' + 'x '.repeat(500_000),
      '\\\n'.repeat(50_000),
    ];
    for (const [index, text] of texts.entries()) {
      const uri = `file:///etc/modprobe.d/${index}.conf`;
      await client.open(uri, text);
      await client.codesIn(uri);
      await client.labels(uri, { line: 0, character: 1_000_000 });
      await client.hover(uri, { line: 1_000_000, character: 3 });
    }
    expect(await client.codesIn('file:///never/opened')).toEqual([]);
    expect(client.log.filter((message) => message.includes('at '))).toEqual([]);
  });

  it('pushes diagnostics to an editor that does not pull', async () => {
    const client = await start({ capabilities: {} });
    const last = () => client.pushed.at(-1)?.diagnostics.map(({ code }) => code);
    await client.open(URI, 'bogus\nblacklist nope\n');
    await client.until(() => Promise.resolve(last()?.join() === 'unknown-command,unknown-module'));
    await client.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: URI },
    });
    await client.until(() => Promise.resolve(last()?.length === 0));
  });

  it('ends when the editor is gone without a word', async () => {
    const client = new Client([bundle.server, '--stdio']);
    await client.initialize();
    client.connection.end();
    expect(await client.exit).toBe(1);
  });
});
