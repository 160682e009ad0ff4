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
import { BudgetError } from '../../../../kmod/budget';
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

/** What a target sends that has one file. */
const packed = (file: string, text: string): Buffer =>
  gzipSync(`facts\0${file}\0${Buffer.byteLength(text)}\0${text}end\0`);

const names = (count: number): string => Array.from({ length: count }, (_, n) => `file${n}\x000\0`).join('');

const ALIASES = Array.from({ length: 1_000_000 }, (_, n) => `alias of:N*T*Cv${n} m\n`).join('');

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
    ['half a pack', gzipSync('facts\0end\0').subarray(0, 12)],
    ['no end', Buffer.from('facts\0modules.dep\0')],
    ['a size beyond the end', Buffer.from('facts\0modules.dep\x0099\0x\0end\0')],
    ['no size', Buffer.from('facts\0modules.dep\0-1\0end\0')],
    ['a file twice', Buffer.from('facts\0modules.dep\x000\0modules.dep\x000\0end\0')],
    ['more files than were asked for', Buffer.from(`facts\0${names(100)}end\0`)],
    ['nothing', Buffer.alloc(0)],
  ])('is refused: %s', async (_, answer) => {
    await expect(parseTreeAnswer(answer)).rejects.toThrow(TreeAnswerError);
  });

  it.each([
    ['a bomb', gzipSync(Buffer.alloc(80 << 20)), 'holds more than 67108864 bytes'],
    ['line ends', packed('modules.dep', '\n'.repeat(60 << 20)), 'modules.dep has more than 262144 lines'],
    ['a million aliases', packed('modules.alias', ALIASES), 'modules.alias has more than 262144 lines'],
    ['a long line', packed('modules.dep', `a.ko:${' a'.repeat(1 << 20)}`), 'a line of more than 1048576'],
  ])('is refused as no kernel’s: %s', async (_, answer, message) => {
    await expect(parseTreeAnswer(answer)).rejects.toThrow(BudgetError);
    await expect(parseTreeAnswer(answer)).rejects.toThrow(message);
  });

  it('is refused or read, whatever it is', async () => {
    const good = Buffer.from('facts\0modules.dep\x0014\0kernel/a.ko: \n\0end\0');
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          expect((await parseTreeAnswer(bytes)).tree.builtinNames).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(TreeAnswerError);
        }
      }),
    );
  });

  it('is asked for once where it is no kernel’s, and again after Refresh', async () => {
    const release = installKernel({ 'modules.dep': '\n'.repeat(300_000) });
    const target = new ShellTarget('board');
    const modules = modulesOf(target, release);
    for (let time = 0; time < 3; time++) await expect(modules.index()).rejects.toThrow(BudgetError);
    expect(target.sent).toHaveLength(1);
    modules.reset();
    await expect(modules.names()).rejects.toThrow(BudgetError);
    expect(target.sent).toHaveLength(2);
  });

  it('holds up nobody while 200,000 aliases are indexed', async () => {
    const aliases = ALIASES.slice(0, ALIASES.indexOf('alias of:N*T*Cv200000'));
    const target = new ShellTarget('board');
    const modules = modulesOf(target, installKernel({ 'modules.dep': 'm.ko:\n', 'modules.alias': aliases }));
    let [last, longest] = [performance.now(), 0];
    let stop = false;
    const tick = (): void => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (!stop) setImmediate(tick);
    };
    tick();
    const tree = await modules.index();
    stop = true;
    expect(tree?.resolve('of:NxTyCv199999')).toEqual(['m']);
    // It takes 10 ms at a time; in one piece it would be some seconds.
    expect(longest).toBeLessThan(500);
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
