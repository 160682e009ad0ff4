import { describe, expect, it } from 'vitest';
import { openFiles } from './memoryFiles';

const FILES = {
  '/etc/modprobe.d/a.conf': 'alias net hello\nsoftdep snd-hda-intel pre: net post: extra\n',
  '/etc/modprobe.d/b.conf':
    'softdep snd_hda_intel pre: late\n' +
    'install extra modprobe late; modprobe -r gone; modprobe -i extra\n' +
    'install snd_hda_intel modprobe hidden\n' +
    'weakdep extra fs-ext4\n',
  '/etc/modules-load.d/boot.conf': 'snd-hda-intel\n',
};

/** The cursor is in front of a word of a file. */
async function hierarchyAt(path: keyof typeof FILES, word: string) {
  const text = FILES[path];
  const at = text.indexOf(word);
  const marked = { ...FILES, [path]: `${text.slice(0, at)}|${text.slice(at)}` };
  const { service, document, position, signal, told } = await openFiles(marked);
  const [item] = await service.prepareCallHierarchy(document, position);
  if (item === undefined) throw new Error('there is no name');
  const outgoing = await service.outgoingCalls(document, item, signal);
  const incoming = await service.incomingCalls(document, item, signal);
  return {
    item: [item.name, told(item.uri, item.selectionRange)],
    outgoing: outgoing.map(({ to, fromRanges }) => [
      to.name,
      to.detail,
      ...fromRanges.map((range) => told(item.uri, range)),
    ]),
    incoming: incoming.map(({ from, fromRanges }) => [
      from.name,
      from.detail,
      ...fromRanges.map((range) => told(from.uri, range)),
    ]),
  };
}

describe('the call hierarchy', () => {
  it('tells what a module brings by the lines that count, and who brings it', async () => {
    expect(await hierarchyAt('/etc/modules-load.d/boot.conf', 'snd-hda-intel')).toEqual({
      item: ['snd_hda_intel', 'a.conf:2 snd-hda-intel'],
      outgoing: [
        ['net', 'softdep pre:', 'a.conf:2 net'],
        ['extra', 'softdep post:', 'a.conf:2 extra'],
      ],
      incoming: [['boot.conf', 'modules-load.d', 'boot.conf:1 snd-hda-intel']],
    });
  });

  it('follows aliases, of lines and of modules', async () => {
    expect(await hierarchyAt('/etc/modprobe.d/a.conf', 'net post')).toEqual({
      item: ['net', 'a.conf:1 net'],
      outgoing: [['hello', 'alias', 'a.conf:1 hello']],
      incoming: [['snd_hda_intel', 'softdep pre:', 'a.conf:2 net']],
    });
    expect((await hierarchyAt('/etc/modprobe.d/b.conf', 'fs-ext4')).outgoing).toEqual([
      ['snd_hda_intel', 'alias'],
      ['hello', 'alias'],
    ]);
  });

  it('follows the commands of install lines, as far as these load something', async () => {
    expect(await hierarchyAt('/etc/modprobe.d/b.conf', 'extra modprobe')).toEqual({
      item: ['extra', 'b.conf:2 extra'],
      outgoing: [
        ['late', 'install', 'b.conf:2 late'],
        ['fs_ext4', 'weakdep', 'b.conf:4 fs-ext4'],
      ],
      incoming: [['snd_hda_intel', 'softdep post:', 'a.conf:2 extra']],
    });
  });

  it('follows what modules depend on, both ways', async () => {
    expect((await hierarchyAt('/etc/modprobe.d/a.conf', 'hello')).outgoing).toEqual([
      ['chain_base', 'depends'],
    ]);
    const { service, document, position, signal } = await openFiles({
      '/etc/modprobe.d/a.conf': 'blacklist |chain-base\n',
    });
    const [item] = await service.prepareCallHierarchy(document, position);
    const calls = item === undefined ? [] : await service.incomingCalls(document, item, signal);
    expect(calls.map(({ from }) => [from.name, from.detail])).toEqual([['hello', 'depends']]);
  });

  it('begins at names only', async () => {
    const { service, document, position } = await openFiles({ '/etc/modprobe.d/a.conf': '|# a comment\n' });
    expect(await service.prepareCallHierarchy(document, position)).toEqual([]);
  });
});
