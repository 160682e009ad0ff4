import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFilesOnDisk } from '../../../server/configFilesOnDisk';
import { createLanguageService } from '../../../server/language/service';
import { NeighboursOnDisk } from '../../../server/neighboursOnDisk';
import { SILENT, testCatalog } from './harness';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'neighbours-'))));
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** An editor's open files, and what the service says of one of them. */
async function edit(texts: Readonly<Record<string, string>>) {
  const catalog = await testCatalog();
  const documents = new Map<string, TextDocument>();
  const type = (path: string, text: string): TextDocument => {
    const uri = pathToFileURL(join(root, path)).href;
    const language = path.includes('modules-load') ? 'modules-load' : 'modprobe';
    const version = (documents.get(uri)?.version ?? 0) + 1;
    const document = TextDocument.create(uri, language, version, text);
    documents.set(uri, document);
    return document;
  };
  for (const [path, text] of Object.entries(texts)) {
    write(path, text);
    type(path, text);
  }
  const neighbours = new NeighboursOnDisk({
    files: new ConfigFilesOnDisk({
      open: () => [...documents.values()],
      release: () => undefined,
      logger: SILENT,
    }),
    openDocument: (uri) => documents.get(uri),
    logger: SILENT,
  });
  const service = createLanguageService({ catalog, neighbours });
  const validate = (path: string) =>
    service.validate(documents.get(pathToFileURL(join(root, path)).href) as TextDocument);
  const codes = (path: string) => validate(path).map(({ code }) => code);
  /** Looks, and waits for what that finds behind. */
  const learned = (path: string) =>
    new Promise<void>((resolve) => {
      const subscription = neighbours.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
      validate(path);
    });
  return { neighbours, type, validate, codes, learned };
}

describe('the files around a document', () => {
  const C = 'etc/modprobe.d/c.conf';

  it('say nothing until they are read, and then what they do to its lines', async () => {
    write('etc/modprobe.d/a.conf', 'blacklist hello\n');
    write('lib/modprobe.d/b.conf', '\ninstall snd_hda_intel /bin/true\n');
    write('lib/modprobe.d/c.conf', 'bogus\n');
    const { codes, learned, validate } = await edit({
      [C]: 'blacklist hello\ninstall snd-hda-intel /bin/false\n',
    });
    const reading = learned(C);
    expect(codes(C)).toEqual([]);
    await reading;
    expect(codes(C)).toEqual(['duplicate-entry', 'file-masked', 'install-shadowed']);
    const uri = pathToFileURL(join(root, 'lib/modprobe.d/b.conf')).href;
    expect(validate(C).at(-1)).toMatchObject({
      message: expect.stringContaining('in /lib/modprobe.d/b.conf:2'),
      relatedInformation: [{ location: { uri, range: { start: { line: 1, character: 0 } } } }],
    });
  });

  it('are taken as the editor has them, without reading again', async () => {
    write('etc/modprobe.d/a.conf', 'blacklist hello\n');
    const { codes, learned, type } = await edit({ [C]: 'blacklist hello\n' });
    await learned(C);
    type('etc/modprobe.d/a.conf', '# nothing\n');
    expect(codes(C)).toEqual([]);
  });

  it('are read again once they may have changed', async () => {
    write('etc/modprobe.d/a.conf', 'blacklist hello\n');
    const { codes, learned, neighbours } = await edit({ [C]: 'blacklist hello\n' });
    await learned(C);
    write('etc/modprobe.d/a.conf', '# nothing\n');
    expect(codes(C)).toEqual(['duplicate-entry']);
    neighbours.refresh();
    await learned(C);
    expect(codes(C)).toEqual([]);
  });

  it('tell that a module is to be loaded and blacklisted', async () => {
    write('etc/modprobe.d/a.conf', 'blacklist hello\nalias greeter chain_base\n');
    const list = 'etc/modules-load.d/x.conf';
    const { codes, learned } = await edit({ [list]: 'hello\ngreeter\n' });
    await learned(list);
    expect(codes(list)).toEqual(['load-conflict']);
  });

  it('are the only ones that count in a lone modprobe.d', async () => {
    write('lone/modprobe.d/a.conf', 'blacklist hello\n');
    write('etc/modprobe.d/b.conf', 'blacklist chain_base\n');
    const { codes, learned } = await edit({
      'lone/modprobe.d/c.conf': 'blacklist hello\nblacklist chain_base\n',
    });
    await learned('lone/modprobe.d/c.conf');
    expect(codes('lone/modprobe.d/c.conf')).toEqual(['duplicate-entry']);
  });
});
