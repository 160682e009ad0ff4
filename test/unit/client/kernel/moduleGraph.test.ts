import { describe, expect, it } from 'vitest';
import { graphOfLoaded, graphOfModule, type ModuleGraph } from '../../../../client/kernel/moduleGraph';
import { parseProcModules } from '../../../../client/kernel/procModules';
import type { ModuleContents } from '../../../../kmod/contents';
import { moduleInfoOfEntries } from '../../../../kmod/modinfo';
import { ModuleTree } from '../../../../kmod/tree/moduleTree';

const FILES: Readonly<Record<string, string>> = {
  'modules.dep': `kernel/btrfs.ko: kernel/raid6_pq.ko kernel/libcrc32c.ko
kernel/raid6_pq.ko:
kernel/libcrc32c.ko:
kernel/xfs.ko: kernel/libcrc32c.ko
kernel/dm-raid.ko: kernel/raid456.ko kernel/raid6_pq.ko
kernel/raid456.ko: kernel/raid6_pq.ko
`,
  'modules.softdep': 'softdep btrfs pre: crypto-crc32c gone\n',
  'modules.weakdep': 'weakdep btrfs raid6_pq xfs\n',
  'modules.alias': 'alias crypto-crc32c crc32c_generic\n',
  'modules.builtin': 'kernel/crypto/crc32c_generic.ko\n',
};
const tree = ModuleTree.of((file) => {
  const text = FILES[file];
  return text === undefined ? undefined : Buffer.from(text);
});

const loaded = parseProcModules(
  `btrfs 1798144 0 - Live 0x0
raid6_pq 122880 1 btrfs, Live 0x0
libcrc32c 16384 1 btrfs, Live 0x0
`,
  () => undefined,
);

const own = (
  name: string,
  imports: readonly string[],
  exports: readonly string[],
  depends = '',
): ModuleContents =>
  ({
    info: moduleInfoOfEntries([{ key: 'depends', value: depends }], name),
    imports: imports.map((symbol) => ({ name: symbol, weak: false })),
    exports: exports.map((symbol) => ({ name: symbol, gpl: true })),
  }) as unknown as ModuleContents;

const lines = ({ edges }: ModuleGraph): string[] =>
  edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`).sort();
const states = ({ nodes }: ModuleGraph): Record<string, string> =>
  Object.fromEntries(nodes.map(({ name, state }) => [name, state]));

describe('the graph of what is loaded', () => {
  it('has the holders of /proc/modules and softdeps, which aliases may name, and weakdeps', () => {
    const graph = graphOfLoaded({ loaded, tree, own: [] });
    expect(lines(graph)).toEqual([
      'btrfs hard libcrc32c',
      'btrfs hard raid6_pq',
      'btrfs soft crc32c_generic',
      'btrfs soft gone',
      'btrfs weak xfs',
      'xfs hard libcrc32c',
    ]);
    expect(states(graph)).toEqual({
      btrfs: 'loaded',
      raid6_pq: 'loaded',
      libcrc32c: 'loaded',
      crc32c_generic: 'builtin',
      gone: 'missing',
      xfs: 'available',
    });
  });

  it('needs no installed modules', () => {
    expect(lines(graphOfLoaded({ loaded, tree: undefined, own: [] }))).toEqual([
      'btrfs hard libcrc32c',
      'btrfs hard raid6_pq',
    ]);
  });
});

describe('the graph of a module', () => {
  it('has what it needs, and those that need it, by what no other dependency brings', () => {
    const graph = graphOfModule('raid6-pq', { loaded, tree, own: [] });
    expect(lines(graph)).toEqual(['btrfs hard raid6_pq', 'dm_raid hard raid456', 'raid456 hard raid6_pq']);
    expect(graph.nodes.filter(({ focus }) => focus).map(({ name }) => name)).toEqual(['raid6_pq']);
    expect(states(graph)['dm_raid']).toBe('available');
  });

  it('knows by the symbols of two files of the workspace what nobody else knows', () => {
    const files = [own('top', ['base_twice', '_printk'], []), own('base', [], ['base_twice'])];
    const graph = graphOfModule('base', { loaded: [], tree, own: files });
    expect(graph.edges).toEqual([{ from: 'top', to: 'base', kind: 'symbol', symbols: ['base_twice'] }]);
    expect(states(graph)).toEqual({ base: 'available', top: 'available' });
  });

  it('takes what modpost wrote into a file for a hard dependency, with the symbols', () => {
    const files = [own('top', ['base_twice'], [], 'base'), own('base', [], ['base_twice'])];
    expect(graphOfModule('top', { loaded: [], tree: undefined, own: files }).edges).toEqual([
      { from: 'top', to: 'base', kind: 'hard', symbols: ['base_twice'] },
    ]);
  });

  it('takes softdeps and weakdeps of a file that depmod does not know from the file', () => {
    const file = own('top', [], []);
    const entries = [
      { key: 'softdep', value: 'pre: xfs post: crypto-crc32c' },
      { key: 'weakdep', value: 'dm-raid,later' },
    ];
    const graph = graphOfModule('top', {
      loaded: [],
      tree,
      own: [{ ...file, info: moduleInfoOfEntries(entries, 'top') }],
    });
    expect(lines(graph).filter((line) => line.startsWith('top '))).toEqual([
      'top soft crc32c_generic',
      'top soft xfs',
      'top weak dm_raid',
      'top weak later',
    ]);
  });

  it('says how many it leaves out', () => {
    const many = Array.from({ length: 200 }, (_, index) => `kernel/user${index}.ko: kernel/core.ko\n`).join(
      '',
    );
    const wide = ModuleTree.of((file) =>
      file === 'modules.dep' ? Buffer.from(`kernel/core.ko:\n${many}`) : undefined,
    );
    const graph = graphOfModule('core', { loaded: [], tree: wide, own: [] });
    expect(graph.nodes).toHaveLength(151);
    expect(graph.leftOut).toBe(50);
  });
});
