import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { RenameError } from '../../../server/language/features/rename';
import { openFiles } from './memoryFiles';

const FILES = {
  '/etc/modprobe.d/a.conf': 'alias my-sound snd-hda-intel\noptions snd_hda_intel power_save=1\n',
  '/etc/modprobe.d/b.conf':
    'softdep x pre: snd-hda-intel lost\ninstall snd_hda_intel /sbin/modprobe -i snd-hda-intel && true\n# snd_hda_intel\n',
  '/etc/modules-load.d/c.conf': 'snd-hda-intel\nmy_sound\n',
};

async function referencesAt(texts: Record<string, string>, includesDeclaration = true) {
  const { service, document, position, told } = await openFiles(texts);
  const locations = await service.references(document, position, includesDeclaration);
  return locations.map(({ uri, range }) => told(uri, range));
}

async function renamed(texts: Record<string, string>, newName: string) {
  const { service, documents, document, position } = await openFiles(texts);
  const edit = await service.rename(document, position, newName);
  return documents.map((each) => TextDocument.applyEdits(each, edit?.changes?.[each.uri] ?? []));
}

describe('references', () => {
  it('finds a module in all its spellings, in all files', async () => {
    const marked = { ...FILES, '/etc/modules-load.d/c.conf': 'snd-|hda-intel\nmy_sound\n' };
    expect(await referencesAt(marked)).toEqual([
      'a.conf:1 snd-hda-intel',
      'a.conf:2 snd_hda_intel',
      'b.conf:1 snd-hda-intel',
      'b.conf:2 snd_hda_intel',
      'b.conf:2 snd-hda-intel',
      'c.conf:1 snd-hda-intel',
    ]);
  });

  it('finds an alias, with the line that makes it or without', async () => {
    const marked = { ...FILES, '/etc/modules-load.d/c.conf': 'snd-hda-intel\nmy_so|und\n' };
    expect(await referencesAt(marked)).toEqual(['a.conf:1 my-sound', 'c.conf:2 my_sound']);
    expect(await referencesAt(marked, false)).toEqual(['c.conf:2 my_sound']);
  });

  it('finds the same pattern, not what it matches', async () => {
    expect(
      await referencesAt({
        '/etc/modprobe.d/a.conf': 'alias pci:v|* a\noptions pci:v* b=1\nblacklist pci:v1\n',
      }),
    ).toEqual(['a.conf:1 pci:v*', 'a.conf:2 pci:v*']);
  });

  it.each(['opt|ions a b=1\n', 'options a b|=1\n', 'bogus a|\n', '# a|\n', 'softdep a lost| pre: b\n'])(
    'finds nothing where no name stands: %j',
    async (text) => {
      expect(await referencesAt({ '/etc/modprobe.d/a.conf': text })).toEqual([]);
    },
  );
});

describe('rename', () => {
  it('renames a module in all its spellings', async () => {
    const marked = { ...FILES, '/etc/modules-load.d/c.conf': 'snd-|hda-intel\nmy_sound\n' };
    expect(await renamed(marked, 'sof')).toEqual([
      'alias my-sound sof\noptions sof power_save=1\n',
      'softdep x pre: sof lost\ninstall sof /sbin/modprobe -i sof && true\n# snd_hda_intel\n',
      'sof\nmy_sound\n',
    ]);
  });

  it('renames an alias', async () => {
    const marked = { ...FILES, '/etc/modules-load.d/c.conf': 'snd-hda-intel\nmy_so|und\n' };
    expect(await renamed(marked, 'other')).toEqual([
      'alias other snd-hda-intel\noptions snd_hda_intel power_save=1\n',
      FILES['/etc/modprobe.d/b.conf'],
      'snd-hda-intel\nother\n',
    ]);
  });

  it('refuses commands, parameters and what is no name', async () => {
    for (const text of [
      'opt|ions a b=1\n',
      'options a b|=1\n',
      'install a /bin/tr|ue\n',
      'softdep a pre|: b\n',
    ]) {
      const { service, document, position } = await openFiles({ '/etc/modprobe.d/a.conf': text });
      expect(service.prepareRename(document, position)).toBeUndefined();
      expect(await service.rename(document, position, 'x')).toBeUndefined();
    }
    const { service, document, position } = await openFiles({ '/etc/modprobe.d/a.conf': 'blacklist a|\n' });
    expect(service.prepareRename(document, position)).toEqual({
      start: { line: 0, character: 10 },
      end: { line: 0, character: 11 },
    });
    for (const name of ['', 'a b', '#a', 'a[', 'a\\']) {
      await expect(service.rename(document, position, name)).rejects.toThrow(RenameError);
    }
  });
});
