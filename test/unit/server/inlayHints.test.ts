import { describe, expect, it } from 'vitest';
import { openFiles } from './memoryFiles';

/** The text with its hints in braces. */
async function hinted(texts: Record<string, string>): Promise<string> {
  const { service, document } = await openFiles(texts);
  const range = { start: document.positionAt(0), end: document.positionAt(document.getText().length) };
  const hints = await service.inlayHints(document, range);
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
    const { service, document } = await openFiles({ '/etc/modprobe.d/a.conf': 'alias a b\n\nblacklist a\n' });
    const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
    expect(await service.inlayHints(document, range)).toEqual([]);
  });
});
