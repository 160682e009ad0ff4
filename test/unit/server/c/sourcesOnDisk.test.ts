import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parameterLocation } from '../../../../server/language/c/parameters';
import { SourcesOnDisk } from '../../../../server/sources/moduleSources';
import type { OpenDocument } from '../../../../server/sources/sourceFiles';

const { signal } = new AbortController();
let directory: string;
let open: OpenDocument[];
let sources: SourcesOnDisk;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kmod-sources-'));
  open = [];
  sources = new SourcesOnDisk({
    open: () => open,
    folders: () => Promise.resolve([pathToFileURL(directory).href]),
  });
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

const uriOf = (name: string) => pathToFileURL(join(directory, name)).href;

async function modulesOf(name: string) {
  const modules = await sources.get(uriOf(name), signal);
  return modules?.map((module) => ({
    name: module.name,
    files: module.files.map(({ uri }) => uri.slice(uriOf('').length + 1)),
    complete: module.complete,
  }));
}

describe('the modules of a C file', () => {
  it('are those whose objects it makes', async () => {
    write({
      Kbuild: 'obj-m := one.o both.o\nboth-y := one.o two.o\n',
      'one.c': '',
      'two.c': '',
      'other.c': '',
    });
    expect(await modulesOf('one.c')).toEqual([
      { name: 'one', files: ['one.c'], complete: true },
      { name: 'both', files: ['one.c', 'two.c'], complete: true },
    ]);
    expect(await modulesOf('other.c')).toEqual([]);
  });

  it('are named by the Kbuild file of a directory above it', async () => {
    write({ Makefile: 'obj-m := x.o\nx-y := src/main.o\n', 'src/main.c': '', 'src/other.c': '' });
    expect(await modulesOf('src/main.c')).toEqual([{ name: 'x', files: ['src/main.c'], complete: true }]);
    expect(await modulesOf('src/other.c')).toBeUndefined();
  });

  it('are unknown where nothing is built', async () => {
    write({ Makefile: 'all:\n\tcc x.c\n', 'x.c': '' });
    expect(await modulesOf('x.c')).toBeUndefined();
    expect(await sources.get('untitled:Untitled-1', signal)).toBeUndefined();
  });

  it('have the headers of their own, as the Kbuild file lets the compiler find them', async () => {
    write({
      Kbuild: 'obj-m := x.o\nccflags-y := -I$(src)/include -Wall\n',
      'x.c': '#include <linux/module.h>\n#include "x.h"\n',
      'include/x.h': '#include "y.h"\n',
      'include/y.h': '#include "x.h"\n',
    });
    expect(await modulesOf('x.c')).toEqual([
      { name: 'x', files: ['x.c', 'include/x.h', 'include/y.h'], complete: true },
    ]);
  });

  it('are not complete where a source or a header is not found', async () => {
    write({ Kbuild: 'obj-m := x.o y.o z.o\ny-y := y1.o gone.o\nz-y := z1.o z2.o\n' });
    write({ 'x.c': '#include "gone.h"\n', 'y1.c': '', 'z1.c': '', 'z2.S': '' });
    expect((await modulesOf('x.c'))?.[0]?.complete).toBe(false);
    expect((await modulesOf('y1.c'))?.[0]?.complete).toBe(false);
    expect((await modulesOf('z1.c'))?.[0]?.complete).toBe(true);
  });

  it('are told when they are read, and when they changed', async () => {
    write({ Kbuild: 'obj-m := x.o\nx-y := a.o b.o\n', 'a.c': '', 'b.c': '' });
    const changed = () => new Promise<void>((resolve) => sources.onDidChange(resolve));

    const read = changed();
    expect(sources.peek(uriOf('a.c'))).toBeUndefined();
    await read;
    expect(await modulesOf('a.c')).toEqual([{ name: 'x', files: ['a.c', 'b.c'], complete: true }]);

    const edited = changed();
    open.push({ uri: uriOf('b.c'), version: 1, getText: () => 'MODULE_LICENSE("GPL");' });
    await sources.get(uriOf('a.c'), signal);
    await edited;
    expect(sources.peek(uriOf('a.c'))?.[0]?.files[1]?.scan.calls).toHaveLength(1);
  });
});

it('tells nothing of a change in the file that is asked for, and forgets it when it is closed', async () => {
  write({ Kbuild: 'obj-m := x.o\n', 'x.c': '' });
  await sources.get(uriOf('x.c'), signal);
  let told = 0;
  sources.onDidChange(() => told++);
  open.push({ uri: uriOf('x.c'), version: 1, getText: () => 'module_init(f);' });
  const [module] = (await sources.get(uriOf('x.c'), signal)) ?? [];
  expect(module?.files[0]?.scan.calls).toHaveLength(1);
  expect(told).toBe(0);

  sources.forget(uriOf('x.c'));
  expect(sources.peek(uriOf('x.c'))).toBeUndefined();
});

describe('the place of a parameter', () => {
  it('is found by the names of the module and the parameter', async () => {
    write({
      'drivers/foo/Kbuild': 'obj-m := foo-bar.o\nfoo-bar-y := main.o debug.o\n',
      'drivers/foo/main.c': '/* module_param(level, int, 0) */\n',
      'drivers/foo/debug.c': '\nmodule_param_named(debug_level, state.level, int, 0444);\n',
    });
    const module = await sources.find('foo_bar', signal);
    const location = module && parameterLocation(module, 'debug-level');
    expect(location).toEqual({
      uri: uriOf('drivers/foo/debug.c'),
      range: { start: { line: 1, character: 19 }, end: { line: 1, character: 30 } },
    });
    expect(module && parameterLocation(module, 'level')).toBeUndefined();
    expect(await sources.find('foo', signal)).toBeUndefined();
  });
});
