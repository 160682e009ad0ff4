import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../../kmod/budget';
import { finish } from '../../../../kmod/steps';
import { ModuleTree } from '../../../../kmod/tree/moduleTree';
import { TREE_FILES, type TreeFile } from '../../../../kmod/tree/treeFiles';

const treeOf = (files: Partial<Record<TreeFile, string>>): ModuleTree =>
  ModuleTree.of((file) => (files[file] === undefined ? undefined : Buffer.from(files[file])));

const VIRTIO = treeOf({
  'modules.dep': `kernel/net/virtio_net.ko.xz: kernel/net/net_failover.ko.xz kernel/net/failover.ko.xz kernel/virtio/virtio.ko.xz
kernel/net/net_failover.ko.xz: kernel/net/failover.ko.xz
kernel/net/failover.ko.xz:
kernel/virtio/virtio.ko.xz:
/opt/größe/my-edge.ko: kernel/virtio/virtio.ko.xz
`,
  'modules.alias': `# Aliases extracted from modules themselves.
alias virtio:d00000001v* virtio_net
alias fs-edge my_edge
alias virtio:d*v* my_edge
`,
  'modules.symbols': `alias symbol:failover_register failover
alias symbol:net_failover_create net_failover
`,
  'modules.softdep': 'softdep my_edge pre: failover post: virtio_net\nsoftdep my_edge pre: virtio\n',
  'modules.weakdep': 'weakdep my_edge net_failover failover\n',
  'modules.devname': 'my_edge edge/control c10:229\n',
  'modules.builtin': 'kernel/net/unix/unix.ko\nkernel/lib/crc-t10.ko\n',
  'modules.builtin.modinfo': 'unix.alias=net-pf-1\0unix.license=GPL\0printk.parm=time:bool\0',
});

describe('A tree of modules', () => {
  it('lists what has a file and what is built in', () => {
    expect(VIRTIO.names).toEqual(['virtio_net', 'net_failover', 'failover', 'virtio', 'my_edge']);
    expect(VIRTIO.builtinNames).toEqual(['unix', 'crc_t10', 'printk']);
    expect(VIRTIO.isBuiltin('crc-t10')).toBe(true);
    expect(VIRTIO.isBuiltin('printk')).toBe(false);
  });

  it('tells the paths of files, also outside of its directory', () => {
    expect(VIRTIO.path('virtio-net')).toBe('kernel/net/virtio_net.ko.xz');
    expect(VIRTIO.path('my_edge')).toBe('/opt/größe/my-edge.ko');
    expect(VIRTIO.path('unix')).toBeUndefined();
    expect(VIRTIO.builtinPath('unix')).toBe('kernel/net/unix/unix.ko');
  });

  it('tells dependencies in the order of insertion', () => {
    expect(VIRTIO.dependencies('virtio_net')).toEqual(['virtio', 'failover', 'net_failover']);
    expect(VIRTIO.dependencies('unix')).toBeUndefined();
  });

  it('tells apart what is needed directly', () => {
    expect(VIRTIO.directDependencies('virtio_net')).toEqual(['virtio', 'net_failover']);
    expect(VIRTIO.directDependencies('virtio')).toEqual([]);
  });

  it('tells who needs a module', () => {
    expect(VIRTIO.dependants('failover')).toEqual(['virtio_net', 'net_failover']);
    expect(VIRTIO.dependants('my-edge')).toEqual([]);
  });

  it('resolves a modalias, best first', () => {
    expect(VIRTIO.resolve('virtio:d00000001vFF')).toEqual(['virtio_net', 'my_edge']);
    expect(VIRTIO.resolve('virtio:d00000002vFF')).toEqual(['my_edge']);
    expect(VIRTIO.resolve('pci:v1')).toEqual([]);
  });

  it('resolves names, symbols and aliases of what is built in', () => {
    expect(VIRTIO.resolve('virtio-net')).toEqual(['virtio_net']);
    expect(VIRTIO.resolve('symbol:failover_register')).toEqual(['failover']);
    expect(VIRTIO.resolve('fs-edge')).toEqual(['my_edge']);
    expect(VIRTIO.resolve('crc-t10')).toEqual(['crc_t10']);
    expect(VIRTIO.resolve('net-pf-1')).toEqual(['unix']);
  });

  it('tells the aliases, symbols, soft and weak dependencies and nodes of a module', () => {
    expect(VIRTIO.aliasesOf('my-edge')).toEqual(['fs-edge', 'virtio:d*v*']);
    expect(VIRTIO.aliasesOf('unix')).toEqual(['net-pf-1']);
    expect(VIRTIO.symbolsOf('net_failover')).toEqual(['net_failover_create']);
    expect(VIRTIO.exportersOf('failover_register')).toEqual(['failover']);
    expect(VIRTIO.softdeps('my_edge')).toEqual([
      { module: 'my_edge', pre: ['failover'], post: ['virtio_net'] },
      { module: 'my_edge', pre: ['virtio'], post: [] },
    ]);
    expect(VIRTIO.weakdeps('my_edge')).toEqual(['net_failover', 'failover']);
    expect(VIRTIO.deviceNodes('my_edge')).toEqual([
      { module: 'my_edge', path: 'edge/control', device: 'c10:229' },
    ]);
  });

  it('knows the names that a person may write for a module', () => {
    expect(finish(VIRTIO.namesOfAliases())).toEqual(['fs-edge', 'net-pf-1']);
  });

  it('knows what a built-in module says of itself, or that it says nothing', () => {
    expect(VIRTIO.builtinInfo('unix')?.entries).toContainEqual({ key: 'license', value: 'GPL' });
    expect(VIRTIO.builtinInfo('crc-t10')).toEqual({ name: 'crc_t10', entries: [], parameters: [] });
    expect(VIRTIO.builtinInfo('virtio')).toBeUndefined();
  });

  it('is empty where depmod never ran', () => {
    const empty = treeOf({});
    expect([empty.names, empty.builtinNames, empty.resolve('x'), finish(empty.namesOfAliases())]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
});

describe('Files that depmod did not write', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'alias',
      'softdep',
      'weakdep',
      'pre:',
      'post:',
      'symbol:a',
      'kernel/a.ko:',
      'a',
      'b-c',
      '[',
      '\\',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.nat(20_000).map((length) => 'x*'.repeat(length / 2)),
  );
  const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
  const file = fc.oneof(
    { weight: 4, arbitrary: fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.join('\n'))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) },
  );

  const askAll = (tree: ModuleTree, asked: string): void => {
    for (const name of [...tree.names, ...tree.builtinNames, asked]) {
      tree.resolve(name);
      tree.dependencies(name);
      tree.directDependencies(name);
      tree.dependants(name);
      tree.aliasesOf(name);
      tree.symbolsOf(name);
      tree.softdeps(name);
      tree.weakdeps(name);
      tree.deviceNodes(name);
    }
    expect(tree.names.every((name) => tree.path(name) !== undefined)).toBe(true);
  };

  it('are read for what they are worth, or refused as no kernel’s', () => {
    fc.assert(
      fc.property(fc.tuple(...TREE_FILES.map(() => file)), word, (files, asked) => {
        try {
          askAll(
            ModuleTree.of((name) => files[TREE_FILES.indexOf(name)]),
            asked,
          );
        } catch (error) {
          // Not by expect: what it would print of these files takes its time.
          if (!(error instanceof BudgetError)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('Files that were made to take long', () => {
  const lines = (count: number, line: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => line(n)).join('');

  it('of 600 modules that all need each other are answered', () => {
    const all = Array.from({ length: 600 }, (_, n) => `m${n}.ko`);
    const tree = treeOf({
      'modules.dep': all
        .map((name) => `${name}: ${all.filter((other) => other !== name).join(' ')}\n`)
        .join(''),
    });
    for (const name of tree.names) {
      expect(tree.dependants(name)).toHaveLength(599);
      expect(tree.directDependants(name)).toEqual([]);
      expect(tree.directDependencies(name)).toHaveLength(1);
    }
  });

  it('of a chain of 100,000 modules are answered', () => {
    const tree = treeOf({ 'modules.dep': lines(100_000, (n) => `m${n}.ko: m${n + 1}.ko\n`) });
    expect(tree.directDependencies('m5')).toEqual(['m6']);
    expect(tree.directDependants('m6')).toEqual(['m5']);
  });

  it('of more dependencies than any kernel has end in an error that is kept', () => {
    const needed = lines(1000, (n) => ` n${n}.ko`);
    const tree = treeOf({ 'modules.dep': lines(5000, (n) => `m${n}.ko:${needed}\n`) });
    for (let time = 0; time < 1000; time++) expect(() => tree.dependants('m1')).toThrow(BudgetError);
  });

  it('of 2^16 patterns of "*" and "?" end in an error for all devices', () => {
    const pattern = (n: number): string =>
      n.toString(2).padStart(16, '0').replaceAll('0', '?').replaceAll('1', '*');
    const tree = treeOf({ 'modules.alias': lines(1 << 16, (n) => `alias a${pattern(n)}z m\n`) });
    const device = `a${'b'.repeat(200)}`;
    for (let time = 0; time < 10_000; time++) expect(() => tree.resolve(device)).toThrow(BudgetError);
  });

  it('of patterns that go on below each other 4,000 deep are answered', () => {
    const depth = 4000;
    const tree = treeOf({ 'modules.alias': lines(depth, (n) => `alias ${'?'.repeat(n + 1)} m${n + 1}\n`) });
    // A key of this length leads all the way down.
    expect(tree.resolve('a'.repeat(depth))).toEqual([`m${depth}`]);
    expect(tree.resolve('abcde')).toEqual(['m5']);
  });
});
