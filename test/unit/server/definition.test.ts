import { describe, expect, it } from 'vitest';
import { scanModuleSource } from '../../../kmod/source/moduleSource';
import { SyntaxCache } from '../../../server/language/documents';
import { Definitions } from '../../../server/language/features/definition';
import { Project } from '../../../server/language/project';
import { open } from './harness';
import { openFiles } from './memoryFiles';

async function definitionAt(texts: Record<string, string>): Promise<string[]> {
  const { service, document, position, signal, told } = await openFiles(texts);
  const locations = await service.definition(document, position, signal);
  return locations.map(({ uri, range }) => told(uri, range));
}

describe('definition', () => {
  const ALIASES = { '/etc/modprobe.d/z.conf': 'alias eth* e1000e\nalias my-net r8169\noptions r8169 a=1\n' };

  it('goes from an alias to the lines that make it', async () => {
    expect(await definitionAt({ ...ALIASES, '/etc/modules-load.d/a.conf': 'my_|net' })).toEqual([
      'z.conf:2 my-net',
    ]);
    expect(await definitionAt({ ...ALIASES, '/etc/modprobe.d/a.conf': 'softdep x pre: eth|0' })).toEqual([
      'z.conf:1 eth*',
    ]);
  });

  it('goes from a module to the other lines that are about it', async () => {
    expect(
      await definitionAt({
        ...ALIASES,
        '/etc/modprobe.d/a.conf': 'blacklist r8|169\ninstall r8169 /bin/true\nsoftdep x pre: r8169\n',
      }),
    ).toEqual(['z.conf:3 r8169', 'a.conf:2 r8169']);
  });

  it('goes from a parameter to the C source that makes it', async () => {
    const text = 'static int count;\nmodule_param(count, int, 0644);\n';
    const module = {
      name: 'hello',
      files: [{ uri: 'file:///src/hello.c', scan: scanModuleSource(text) }],
      complete: true,
      conditional: false,
    };
    const sources = { find: (name: string) => Promise.resolve(name === 'hello' ? module : undefined) };
    for (const marked of ['options hello cou|nt=1', 'options hello count=|1']) {
      const { document, position, signal } = await open(marked);
      const syntaxes = new SyntaxCache();
      const definitions = new Definitions(syntaxes, new Project(syntaxes, undefined), sources);
      expect(await definitions.at(document, position, signal)).toEqual([
        {
          uri: 'file:///src/hello.c',
          range: { start: { line: 1, character: 13 }, end: { line: 1, character: 18 } },
        },
      ]);
    }
  });

  it('goes nowhere from a command, a comment or a parameter without source', async () => {
    for (const text of ['bl|acklist a\n', '# a|\n', 'options hello cou|nt=1\n']) {
      expect(await definitionAt({ '/etc/modprobe.d/a.conf': text })).toEqual([]);
    }
  });
});
