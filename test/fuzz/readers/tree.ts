import { gzipSync } from 'node:zlib';
import { BudgetError } from '../../../kmod/budget';
import { readConfiguration } from '../../../kmod/config/configuration';
import { dumpConfiguration, dumpSoftDependencies } from '../../../kmod/config/dump';
import { ModuleLookup } from '../../../kmod/config/lookup';
import { finish } from '../../../kmod/steps';
import { formatShowDepends, planProbe } from '../../../kmod/config/probe';
import { decodeAlias } from '../../../kmod/modalias/decode';
import { describeAlias, HardwareIds } from '../../../kmod/modalias/hardwareIds';
import { findInModulesSymbols, findInSymvers } from '../../../kmod/symvers';
import { buildIndex } from '../../../kmod/tree/buildIndex';
import { ModuleIndex } from '../../../kmod/tree/moduleIndex';
import { INDEX_FILES, tablesOfIndexes } from '../../../kmod/tree/moduleTables';
import { ModuleTree } from '../../../kmod/tree/moduleTree';
import { searchTree } from '../../../kmod/tree/search';
import { graphOfLoaded, graphOfModule } from '../../../client/kernel/moduleGraph';
import { parseTreeAnswer, TreeAnswerError } from '../../../client/kernel/targetTree';
import { exportGraph } from '../../../client/views/graph/svg';
import { layOut } from '../../../client/views/graph/layout';
import { INDEX_RECIPES, TREE_RECIPES } from '../corpus/trees';
import { text, type Reader } from '../reader';
import { filesIn } from '../sections';

const TREE = text(
  '@@ modules.dep',
  'kernel/a/one.ko: kernel/a/two.ko kernel/b/three.ko.xz',
  'kernel/a/two.ko: kernel/b/three.ko.xz',
  'kernel/b/three.ko.xz:',
  'kernel/b/snd-pcm.ko:',
  '@@ modules.alias',
  'alias pci:v00008086d000010D3sv*sd*bc*sc*i* one',
  'alias usb:v1D6Bp0002d*dc*dsc*dp*ic*isc*ip*in* two',
  'alias fs-ext4 three',
  'alias char-major-10-* [a-z]?ne',
  '@@ modules.symbols',
  'alias symbol:printk_one one',
  '@@ modules.softdep',
  'softdep one pre: two post: three',
  '@@ modules.weakdep',
  'weakdep one three',
  '@@ modules.devname',
  'one cpu/microcode c10:184',
  '@@ modules.builtin',
  'kernel/fs/ext4/ext4.ko',
  '@@ modules.builtin.modinfo',
  'ext4.license=GPL\0ext4.alias=fs-ext4\0ext4.parmtype=x:int\0',
);

const WORDS = [
  'alias ',
  'softdep ',
  'pre:',
  'post:',
  '*',
  '?',
  '[',
  ']',
  '[!a',
  'symbol:',
  'pci:v*',
  '.ko',
  ': ',
  '@@ ',
];

/** All that is asked of a tree, of some of its modules. */
function useTree(tree: ModuleTree): void {
  const names = [...tree.names, ...tree.builtinNames];
  const some = [...new Set([...names.slice(0, 3), ...names.slice(-3), 'one', 'absent'])];
  for (const name of some) {
    tree.path(name);
    tree.dependencies(name);
    tree.directDependencies(name);
    tree.directDependants(name);
    tree.softdeps(name);
    tree.weakdeps(name);
    tree.deviceNodes(name);
    tree.aliasesOf(name);
    tree.symbolsOf(name);
    tree.builtinInfo(name);
  }
  finish(tree.namesOfAliases());
  finish(tree.deviceAliases('pci:'));
  for (const alias of [
    'fs-ext4',
    'pci:v00008086d000010D3sv00001234sd00005678bc02sc00i00',
    'symbol:printk_one',
  ]) {
    tree.resolve(alias);
  }
  searchTree(tree, 'one', undefined, 100);
  searchTree(tree, 'pci:v00008086', undefined, 100);
  const loaded = names.slice(0, 100).map((name) => ({
    ...{ name, size: 1, references: 0, usedBy: [], permanent: false },
    ...{ state: 'live' as const, taints: '' },
  }));
  for (const graph of [
    graphOfLoaded({ loaded, tree, own: [] }),
    graphOfModule(names[0] ?? 'one', { loaded: [], tree, own: [] }),
  ]) {
    exportGraph(layOut(graph), 'title', new Map());
  }
}

/** The tree as a target sends it. */
function answerOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts = [...files].flatMap(([name, bytes]) => [Buffer.from(`${name}\0${bytes.length}\0`), bytes]);
  return Buffer.concat([Buffer.from('facts\0'), ...parts, Buffer.from('end\0')]);
}

const KEYS = ['fs_ext4', 'pci:v00008086d000010D3sv00001234sd00005678bc02sc00i00', '', 'x', 'a'.repeat(300)];

const INDEX = buildIndex([
  { key: 'fs_ext4', value: 'ext4', priority: 1 },
  { key: 'fs_ext?', value: 'ext3', priority: 2 },
  { key: 'pci:v00008086d*sv*sd*bc*sc*i*', value: 'e1000e', priority: 3 },
  { key: 'pci:v*d*', value: 'other', priority: 4 },
]);

/** What kmod makes of configuration files, and of the indexes beside them. */
async function useConfiguration(input: Buffer): Promise<void> {
  const files = filesIn(input);
  const list = [...files.keys()].map((name) => ({ name, kind: 'file' as const }));
  const configuration = await readConfiguration(
    {
      list: (path) =>
        Promise.resolve(
          path === '/etc/modprobe.d'
            ? { kind: 'directory', entries: list }
            : { kind: path === '/proc/cmdline' ? 'file' : 'missing' },
        ),
      read: (path) =>
        Promise.resolve(files.get(path === '/proc/cmdline' ? 'cmdline' : path.slice(16))?.toString()),
    },
    { kmod: 34, kernelDirectory: '/lib/modules/x' },
  );
  const tables = ModuleTree.of((file) => files.get(file));
  const lookup = new ModuleLookup(configuration, tables);
  for (const name of ['one', 'fs-ext4', 'a0', 'm0', 'absent']) {
    const plan = await planProbe(lookup, name, {
      kernelDirectory: '/lib/modules/x',
      exists: () => Promise.resolve(true),
    });
    formatShowDepends(plan);
  }
  dumpConfiguration(configuration);
  dumpSoftDependencies(files.get('modules.softdep')?.toString() ?? '');
}

export const TREE_READERS: readonly Reader[] = [
  {
    name: 'tree',
    seeds: [TREE],
    words: WORDS,
    recipes: TREE_RECIPES,
    run: (input) => {
      const files = filesIn(input);
      useTree(ModuleTree.of((file) => files.get(file)));
    },
    refusals: [BudgetError],
    // Two graphs are drawn, each in a second.
    maxMilliseconds: 4000,
  },
  {
    name: 'tree-answer',
    seeds: [answerOf(filesIn(TREE)), gzipSync(answerOf(filesIn(TREE)))],
    words: ['\0', 'end\0', 'modules.dep\0'],
    recipes: {
      'packed line ends': (bytes) =>
        gzipSync(answerOf(new Map([['modules.dep', Buffer.alloc(bytes * 200, '\n')]]))),
      'packed zeros': (bytes) => gzipSync(Buffer.alloc(bytes * 200)),
      files: (bytes) => Buffer.concat([Buffer.from('f\0'), Buffer.alloc(bytes, 'x\x000\0')]),
    },
    run: async (input) => {
      const { tree } = await parseTreeAnswer(input);
      tree.resolve('fs-ext4');
    },
    refusals: [TreeAnswerError, BudgetError],
    share: 0.5,
  },
  {
    name: 'index',
    seeds: [INDEX],
    words: ['*', '?', '[', '\xe0\0\0\x0c'],
    recipes: INDEX_RECIPES,
    run: (input) => {
      const index = ModuleIndex.open(input);
      for (const key of KEYS) {
        index?.search(key);
        index?.searchPatterns(key);
      }
      const tables = tablesOfIndexes((file) => (INDEX_FILES.includes(file) ? input : undefined));
      for (const key of KEYS) {
        tables.line(key);
        tables.aliases(key);
        tables.isBuiltin(key);
      }
    },
    refusals: [BudgetError],
  },
  {
    name: 'configuration',
    seeds: [
      text(
        '@@ a.conf',
        'alias fs-ext4 one',
        'alias m0 one',
        'options one a=1 b="x y"',
        'blacklist two',
        'install three /sbin/modprobe --ignore-install three $CMDLINE_OPTS; true',
        'remove three /bin/false',
        'softdep one pre: two post: three',
        'weakdep one four',
        '@@ cmdline',
        'BOOT_IMAGE=/vmlinuz root=/dev/sda1 one.debug=1 modprobe.blacklist=two,three "one.x=a b"',
        TREE.toString('latin1').trimEnd(),
      ),
    ],
    words: [...WORDS, 'install ', 'options ', 'blacklist ', 'include ', '\\\n', '#', '"'],
    run: useConfiguration,
    refusals: [BudgetError],
  },
  {
    name: 'modalias',
    seeds: [
      'pci:v00008086d000010D3sv00001234sd00005678bc02sc00i00',
      'usb:v1D6Bp0002d0510dc09dsc00dp00ic09isc00ip00in00',
      'of:NledsT(null)Cgpio-leds',
      'acpi:PNP0C14:',
      'dmi:bvnX:bvr1:bd01/01/2020:svnX:pnY:pvr1:rvnX:rnY:rvr1:cvnX:ct3:cvr1:',
      'cpu:type:x86,ven0000fam0006mod003F:feature:,0000,0001,0002',
      'input:b0003v046DpC077e0111-e0,1,2,4,k110,111,r0,1,8,am4,lsfw',
      'hid:b0003g0001v0000046Dp0000C077',
      'char-major-10-235',
    ].map((alias) => Buffer.from(alias)),
    words: ['pci:', 'usb:', 'v*', '*', ':', ',', '-', 'C', 'T'],
    run: (input) => {
      const names = { pci: new HardwareIds(PCI_IDS), usb: new HardwareIds(PCI_IDS) };
      for (const line of input.toString('latin1').split('\n')) describeAlias(decodeAlias(line), names);
    },
  },
  {
    name: 'hardware-ids',
    seeds: [
      Buffer.from(
        '8086  Intel Corporation\n\t10d3  82574L\n\t\t8086 a01f  Server Adapter\n# x\nC 02  Network controller\n\t00  Ethernet controller\n\t\t01  x\n',
      ),
    ],
    words: ['\n', '\t', '  ', '\nC 02  ', '\n8086  ', '\n\t10d3  '],
    run: (input) => {
      const ids = new HardwareIds(input.toString());
      ids.vendor(0x8086);
      ids.device(0x8086, 0x10d3);
      ids.subsystem(0x8086, 0x10d3, 0x8086, 0xa01f);
      ids.class(2);
      const names = { pci: ids, usb: ids };
      describeAlias(decodeAlias('pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i01'), names);
      describeAlias(decodeAlias('usb:v8086p10D3d*dc02dsc00dp01ic02isc00ip01in*'), names);
    },
    share: 0.5,
  },
  {
    name: 'symvers',
    seeds: [
      text(
        '0x12345678\tone\tvmlinux\tEXPORT_SYMBOL\tNS',
        '0x1\ttwo\tdrivers/x\tEXPORT_SYMBOL_GPL\t',
        'alias symbol:one two',
      ),
    ],
    words: ['\t', '0x', 'EXPORT_SYMBOL', 'alias symbol:'],
    run: (input) => {
      const wanted = new Set(['one', 'two', 's0', 'x']);
      findInSymvers(input.toString(), wanted);
      findInModulesSymbols(input.toString(), wanted);
    },
    share: 0.5,
  },
];

const PCI_IDS =
  '8086  Intel Corporation\n\t10d3  82574L\nC 02  Network controller\n\t00  Ethernet controller\n';
