import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TargetModules } from '../../../../client/kernel/targetModules';
import { parseTreeAnswer, TreeAnswerError } from '../../../../client/kernel/targetTree';
import { TreeCache } from '../../../../client/kernel/treeCache';
import type { Target } from '../../../../client/targets/target';
import { ShellTarget } from './shellTarget';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vscode-kmod-tree-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A /lib/modules/RELEASE at another place: the name of the release leads there. */
function installKernel(files: Readonly<Record<string, string>>): string {
  const kernel = join(directory, 'kernel');
  mkdirSync(kernel, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(kernel, name), text);
  return `../..${kernel}`;
}

/** A directory with these programs alone. */
function toolsOf(...names: string[]): string {
  const tools = join(directory, 'tools');
  mkdirSync(tools);
  for (const name of names) symlinkSync(`/bin/${name}`, join(tools, name));
  return tools;
}

const modulesOf = (target: Target, release: string, cache?: TreeCache): TargetModules =>
  new TargetModules({
    connected: () => ({ target, release }),
    ...(cache === undefined ? {} : { cache }),
    onCacheError: (error) => {
      throw error;
    },
  });

const KERNEL = {
  'modules.dep': 'kernel/b.ko: kernel/a.ko\nkernel/a.ko:\n',
  'modules.alias': `alias pci:v1d* b\n`,
  'modules.builtin.modinfo': 'unix.alias=net-pf-1\0unix.license=GPL\0',
};

describe('The modules of a target', () => {
  it.each([
    ['all tools', undefined],
    ['no gzip', ['wc', 'cat', 'stat', 'ls']],
    ['no stat', ['wc', 'cat', 'ls', 'gzip']],
  ] as const)('are read in one command, with %s', async (_, tools) => {
    const target = new ShellTarget('board', tools && toolsOf(...tools));
    const tree = await modulesOf(target, installKernel(KERNEL)).index();
    expect(tree?.names).toEqual(['b', 'a']);
    expect(tree?.resolve('pci:v1d2')).toEqual(['b']);
    expect(tree?.resolve('net-pf-1')).toEqual(['unix']);
    expect(target.sent).toHaveLength(1);
  });

  it('are none where depmod never ran', async () => {
    const tree = await modulesOf(new ShellTarget('board'), 'no-such-release').index();
    expect(tree?.names).toEqual([]);
  });

  it('are sent once, and again when depmod ran', async () => {
    const release = installKernel(KERNEL);
    const cache = new TreeCache(join(directory, 'cache'));
    const target = new ShellTarget('board');
    await modulesOf(target, release, cache).index();
    expect((await modulesOf(target, release, cache).index())?.names).toEqual(['b', 'a']);
    expect(target.sent.map((bytes) => bytes > 0)).toEqual([true, false]);

    installKernel({ 'modules.dep': 'kernel/c.ko: kernel/a.ko\nkernel/a.ko:\n' });
    utimesSync(join(directory, 'kernel/modules.dep'), 1000, 1000);
    expect((await modulesOf(target, release, cache).index())?.names).toEqual(['c', 'a']);
    expect(target.sent.map((bytes) => bytes > 0)).toEqual([true, false, true]);
  });

  it('are those of their own target', async () => {
    const release = installKernel(KERNEL);
    const cache = new TreeCache(join(directory, 'cache'));
    const [one, other] = [new ShellTarget('one'), new ShellTarget('../other')];
    await modulesOf(one, release, cache).index();
    await modulesOf(other, release, cache).index();
    expect(other.sent.map((bytes) => bytes > 0)).toEqual([true]);
    expect(
      readdirSync(join(directory, 'cache')).filter((name) => !/^[0-9a-f]{64}\.tree$/.test(name)),
    ).toEqual([]);
    expect(readdirSync(join(directory, 'cache'))).toHaveLength(2);
  });

  it('are read anew where what was kept is damaged', async () => {
    const release = installKernel(KERNEL);
    const cache = new TreeCache(join(directory, 'cache'));
    const target = new ShellTarget('board');
    await cache.write(target.name, release, Buffer.from('damaged'));
    const told: unknown[] = [];
    const modules = new TargetModules({
      connected: () => ({ target, release }),
      cache,
      onCacheError: (error) => told.push(error),
    });
    expect((await modules.index())?.names).toEqual(['b', 'a']);
    expect(told.map(String)).toEqual([expect.stringContaining('it has no end')]);
  });

  it('are kept for so many kernels and no more', async () => {
    const cache = new TreeCache(join(directory, 'cache'));
    for (let index = 0; index < 30; index++) await cache.write('board', String(index), Buffer.from('x'));
    expect(readdirSync(join(directory, 'cache'))).toHaveLength(24);
  });
});

describe('What a hostile target sends for its modules', () => {
  it.each([
    ['a bomb', gzipSync(Buffer.alloc(80 << 20))],
    ['half a pack', gzipSync('facts\0end\0').subarray(0, 12)],
    ['no end', Buffer.from('facts\0modules.dep\0')],
    ['a size beyond the end', Buffer.from('facts\0modules.dep\x0099\0x\0end\0')],
    ['no size', Buffer.from('facts\0modules.dep\0-1\0end\0')],
    ['nothing', Buffer.alloc(0)],
  ])('is refused: %s', (_, answer) => {
    expect(() => parseTreeAnswer(answer)).toThrow(TreeAnswerError);
  });

  it('is refused or read, whatever it is', () => {
    const good = Buffer.from('facts\0modules.dep\x0014\0kernel/a.ko: \n\0end\0');
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          expect(parseTreeAnswer(bytes).tree.builtinNames).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(TreeAnswerError);
        }
      }),
    );
  });
});

describe('The modules of the installed kernel, as a target tells them', () => {
  it('are those of its files', async () => {
    const release = installedRelease();
    const tree = await modulesOf(new ShellTarget('board'), release).index();
    expect(tree?.text('modules.alias')).toBe(
      readFileSync(join('/lib/modules', release, 'modules.alias'), 'utf8'),
    );
    expect(tree?.text('modules.dep')).toBe(
      readFileSync(join('/lib/modules', release, 'modules.dep'), 'utf8'),
    );
  });

  it('tell the parameters that modinfo does not list', async () => {
    const modules = modulesOf(new ShellTarget('board'), installedRelease());
    const listed = (await modules.info('md_mod'))?.parameters.map(({ name }) => name);
    expect(listed).not.toContain('start_ro');
    expect([...((await modules.parameters('md-mod')) ?? [])]).toEqual(expect.arrayContaining(['start_ro']));
    expect(await modules.parameters('no_such_module')).toBeUndefined();
  });
});

function installedRelease(): string {
  const installed = readdirSync('/lib/modules').find((name) =>
    readdirSync(join('/lib/modules', name)).includes('modules.dep'),
  );
  return installed ?? '';
}
