import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtModules, isBuildDirectory } from '../../../../client/build/kbuildProject';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kmod-kbuild-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

describe('a directory is a module build directory', () => {
  it.each<Readonly<Record<string, string>>>([
    { Kbuild: 'obj-m := x.o\n' },
    { Makefile: 'ifneq ($(KERNELRELEASE),)\n\tobj-m += x.o\nendif\n' },
    { Makefile: 'obj-$(CONFIG_X) += x.o\n' },
    { Kbuild: 'obj-m+=x.o' },
    { Kbuild: '# empty\n', Makefile: 'obj-m = x.o\n' },
  ])('with %j', async (files) => {
    write(files);
    expect(await isBuildDirectory(directory)).toBe(true);
  });

  it.each<Readonly<Record<string, string>>>([
    {},
    { Makefile: 'all:\n\tcc x.c\n' },
    { Kbuild: '# obj-m := x.o\n' },
    { Kbuild: 'obj-y := x.o\n' },
    { 'other.mk': 'obj-m := x.o\n' },
  ])('but not with %j', async (files) => {
    write(files);
    expect(await isBuildDirectory(directory)).toBe(false);
  });
});

describe('the modules that a build made', () => {
  it('are told as absolute paths, whatever form the kernel’s version writes', async () => {
    write({
      'modules.order': `${directory}/a.ko\nb.o\nsub/c.o\ngone.o\n`,
      'a.ko': '',
      'b.ko': '',
      'sub/c.ko': '',
      'stale.ko': '',
    });
    expect(await builtModules(directory)).toEqual(
      ['a.ko', 'b.ko', 'sub/c.ko'].map((name) => join(directory, name)),
    );
  });

  it('are none where nothing was built', async () => {
    expect(await builtModules(directory)).toEqual([]);
  });

  it('are not looked for in a modules.order that no build makes', async () => {
    write({ 'modules.order': 'a.o\n'.repeat(70_000) });
    await expect(builtModules(directory)).rejects.toThrow('modules.order has more than 65536 lines');
  });
});
