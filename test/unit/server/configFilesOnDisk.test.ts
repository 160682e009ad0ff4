import { SILENT } from './harness';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { ConfigFilesOnDisk } from '../../../server/configFilesOnDisk';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'config-files-'));
});

afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function documentAt(path: string, text: string): TextDocument {
  return TextDocument.create(pathToFileURL(join(root, path)).href, 'modprobe', 1, text);
}

function filesWith(...open: TextDocument[]): ConfigFilesOnDisk {
  return new ConfigFilesOnDisk({ open: () => open, release: () => '6.1.0', logger: SILENT });
}

const below = (documents: readonly TextDocument[]) =>
  documents.map((document) => [document.uri.slice(pathToFileURL(root).href.length), document.getText()]);

describe('the files that are read with a document', () => {
  it("are those of its sysroot, in kmod's order, with what is not saved", async () => {
    await write('etc/modprobe.d/b.conf', 'on disk');
    await write('lib/modprobe.d/a.conf', 'a');
    await write('lib/modprobe.d/b.conf', 'masked');
    await write('etc/modprobe.d/note.txt', 'no');
    await write('etc/modules-load.d/c.conf', 'c');
    const document = documentAt('etc/modprobe.d/b.conf', 'in the editor');
    expect(below(await filesWith(document).readWith(document, 34))).toEqual([
      ['/lib/modprobe.d/a.conf', 'a'],
      ['/etc/modprobe.d/b.conf', 'in the editor'],
      ['/etc/modules-load.d/c.conf', 'c'],
    ]);
  });

  it('are those of its directory, elsewhere', async () => {
    await write('debian/modprobe.d/a.conf', 'a');
    await write('debian/modules-load.d/b.conf', 'b');
    const document = documentAt('debian/modprobe.d/new.conf', 'n');
    expect(below(await filesWith(document).readWith(document, 34))).toEqual([
      ['/debian/modprobe.d/a.conf', 'a'],
      ['/debian/modules-load.d/b.conf', 'b'],
    ]);
  });

  it('name the document as the editor does, where its directory is a link', async () => {
    await write('usr/lib/modprobe.d/a.conf', 'a');
    await symlink('usr/lib', join(root, 'lib'));
    const document = documentAt('lib/modprobe.d/a.conf', 'open');
    const [only, ...others] = await filesWith(document).readWith(document, 34);
    expect([only?.uri, only?.getText(), others]).toEqual([document.uri, 'open', []]);
  });

  it('stay the same documents as long as their text does', async () => {
    await write('etc/modprobe.d/a.conf', 'a');
    const document = documentAt('etc/modprobe.d/b.conf', '');
    const files = filesWith(document);
    const [before] = await files.readWith(document, 34);
    expect((await files.readWith(document, 34))[0]).toBe(before);
    await write('etc/modprobe.d/a.conf', 'changed');
    expect((await files.readWith(document, 34))[0]?.getText()).toBe('changed');
  });

  it('are none for a document that is in no file', async () => {
    const document = TextDocument.create('untitled:Untitled-1', 'modprobe', 1, 'alias a b');
    expect(await filesWith(document).readWith(document, 34)).toEqual([]);
    expect(await filesWith(document).all(34)).toEqual([document]);
    expect(await filesWith(document).configurationWith(document, 34)).toBeUndefined();
  });
});

it("leaves this machine's kernel command line out of files that are in no system", async () => {
  await write('debian/modprobe.d/a.conf', 'options x a=1\n');
  const document = documentAt('debian/modprobe.d/a.conf', 'options x a=1\n');
  const system = await filesWith(document).configurationWith(document, 34);
  expect(system?.configuration.entries.map(({ value }) => value)).toEqual(['a=1']);
});

it("reads a system's configuration with what is not saved", async () => {
  await write('etc/modprobe.d/a.conf', 'options x a=1\n');
  await write('proc/cmdline', 'x.b=2\n');
  await write('lib/modules/6.1.0/modules.softdep', 'softdep x pre: y\n');
  const document = documentAt('etc/modprobe.d/a.conf', 'options x a=2\n');
  const system = await filesWith(document).configurationWith(document, 34);
  expect(system?.configuration.entries.map(({ kind, value }) => [kind, value])).toEqual([
    ['options', 'a=2'],
    ['softdep', 'pre: y'],
    ['options', 'b=2'],
  ]);
  expect(system?.uriOf('/etc/modprobe.d/a.conf')).toBe(document.uri);
});
