import { expect, it } from 'vitest';
import { openFiles } from './memoryFiles';

async function lenses(texts: Record<string, string>): Promise<string[]> {
  const { service, document } = await openFiles(texts);
  return (await service.codeLenses(document)).map(
    ({ range, command }) =>
      `${range.start.line + 1} ${command?.title} (${command?.command} ${String(command?.arguments)})`,
  );
}

it('sums up the options of a module over all files, above its first line', async () => {
  expect(
    await lenses({
      '/etc/modprobe.d/a.conf': '# c\noptions my-foo a=1 b=2\noptions my_foo a=3\n',
      '/etc/modprobe.d/b.conf': 'options my_foo c\n',
    }),
  ).toEqual([
    '2 effective: 3 options from 2 files (kmod.explain my_foo)',
    '2 Explain modprobe my_foo (kmod.explain my_foo)',
  ]);
});

it('offers to explain what has no options, but no pattern and no blacklist line', async () => {
  expect(
    await lenses({ '/etc/modprobe.d/a.conf': 'install foo /bin/true\ninstall b* x\nblacklist c\nbogus\n' }),
  ).toEqual(['1 Explain modprobe foo (kmod.explain foo)']);
});
