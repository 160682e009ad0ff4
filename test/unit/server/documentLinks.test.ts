import { expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { SyntaxCache } from '../../../server/language/documents';
import { DocumentLinks } from '../../../server/language/features/documentLinks';

const EXISTING = ['/bin/true', '/sbin/modprobe', '/usr/local/sbin/my+script.sh'];

async function linksIn(text: string): Promise<[string, string][]> {
  const document = TextDocument.create('file:///srv/root/etc/modprobe.d/t.conf', 'modprobe', 1, text);
  const files = {
    find: (path: string, uri: string) =>
      Promise.resolve(
        EXISTING.includes(path) ? `${uri.replace('/etc/modprobe.d/t.conf', '')}${path}` : undefined,
      ),
  };
  const links = await new DocumentLinks(new SyntaxCache(), files).of(document);
  return links.map(({ range, target = '' }) => [document.getText(range), target]);
}

it('links the files that commands name, below the root of the document', async () => {
  expect(await linksIn('install a /sbin/modprobe -i a && { /bin/true; }\nremove a "/bin/true"\n')).toEqual([
    ['/sbin/modprobe', 'file:///srv/root/sbin/modprobe'],
    ['/bin/true', 'file:///srv/root/bin/true'],
    ['/bin/true', 'file:///srv/root/bin/true'],
  ]);
  expect(await linksIn('install a /usr/local/sbin/my+script.sh.\n')).toEqual([
    ['/usr/local/sbin/my+script.sh', 'file:///srv/root/usr/local/sbin/my+script.sh'],
  ]);
});

it('links no file that is not there, no part of a path, and nothing outside of commands', async () => {
  expect(
    await linksIn('install a /bin/nope $HOME/bin/true ./bin/true\n# /bin/true\noptions a f=/bin/true\n'),
  ).toEqual([]);
});
