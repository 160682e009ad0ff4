import { describe, expect, it } from 'vitest';
import { openFiles } from './memoryFiles';

/** The text with its hints in braces. */
async function hinted(texts: Record<string, string>): Promise<string> {
  const { service, document, signal } = await openFiles(texts);
  const range = { start: document.positionAt(0), end: document.positionAt(document.getText().length) };
  const hints = await service.inlayHints(document, range, signal);
  return hints
    .map(({ position, label }) => ({
      offset: document.offsetAt(position),
      label: typeof label === 'string' ? label : '',
    }))
    .sort((a, b) => b.offset - a.offset)
    .reduce(
      (text, { offset, label }) => `${text.slice(0, offset)}{${label}}${text.slice(offset)}`,
      document.getText(),
    );
}

describe('inlay hints', () => {
  it('tell the module that an alias stands for', async () => {
    expect(
      await hinted({
        '/etc/modprobe.d/a.conf': 'alias my-net r8169\nsoftdep x pre: my_net y\n',
        '/etc/modprobe.d/b.conf': 'alias my-n* e100\n',
      }),
    ).toBe('alias my-net r8169\nsoftdep x pre: my_net{→ r8169, e100} y\n');
  });

  it('tell the modules that bring an alias, unless an install line has its name', async () => {
    expect(await hinted({ '/etc/modules-load.d/a.conf': 'fs-ext4\nhello\nfs-xfs\n' })).toBe(
      'fs-ext4{→ snd_hda_intel, hello}\nhello\nfs-xfs\n',
    );
    expect(
      await hinted({
        '/etc/modprobe.d/a.conf': 'options fs_ext4 a=1\nsoftdep x pre: fs-ext4\nweakdep x fs-ext4\n',
      }),
    ).toBe(
      'options fs_ext4{→ snd_hda_intel, hello} a=1\n' +
        'softdep x pre: fs-ext4{→ snd_hda_intel, hello}\n' +
        'weakdep x fs-ext4{→ snd_hda_intel, hello}\n',
    );
    const own = 'install fs-ext4 modprobe ext4\nsoftdep x pre: fs-ext4\n';
    expect(await hinted({ '/etc/modprobe.d/a.conf': own })).toBe(own);
  });

  it('tell nothing where a name is only compared', async () => {
    const text = 'alias net r8169\nblacklist net\nsoftdep net pre: hello\ninstall net true\n';
    expect(await hinted({ '/etc/modprobe.d/a.conf': text })).toBe(text);
  });

  it('tell where an option is overridden', async () => {
    expect(
      await hinted({
        '/etc/modprobe.d/a.conf': 'options foo a=1 b-c=2\noptions foo a=3\n',
        '/etc/modprobe.d/b.conf': 'options foo b_c=4\n',
      }),
    ).toBe('options foo a=1{overridden by a.conf:2} b-c=2{overridden by b.conf:1}\noptions foo a=3\n');
  });

  it('tell nothing of an alias of the same name, and of lines out of sight', async () => {
    expect(await hinted({ '/etc/modprobe.d/a.conf': 'alias foo foo\nblacklist foo\n' })).toBe(
      'alias foo foo\nblacklist foo\n',
    );
    const { service, document, signal } = await openFiles({
      '/etc/modprobe.d/a.conf': 'alias a b\n\noptions a x=1\n',
    });
    const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
    expect(await service.inlayHints(document, range, signal)).toEqual([]);
  });
});
