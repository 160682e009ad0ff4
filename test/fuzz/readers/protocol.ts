import { planOnTarget } from '../../../server/targetProbes';
import { TargetModules } from '../../../server/catalog/targetCatalog';
import { CachedCatalog } from '../../../server/catalog/cachedCatalog';
import { explain } from '../../../server/language/features/explain';
import { readEditorCommands, readKmodVersion, readSettings, readSeverities } from '../../../server/settings';
import type { TargetSystemFiles } from '../../../server/protocol';
import { OptionError, readOptions } from '../../../server/commands/getopt';
import {
  MODINFO_OPTIONS,
  MODPROBE_OPTIONS,
  wordsOfEnvironment,
} from '../../../server/commands/modprobeOptions';
import { nearest } from '../../../server/language/analysis/nearest';
import { buildIndex } from '../../../kmod/tree/buildIndex';
import { BudgetError } from '../../../kmod/budget';
import { ORIGIN, SILENT } from '../../unit/server/harness';
import { text, type Reader } from '../reader';
import { filesIn } from '../sections';

/** What a client answers: files as a target has them, and indexes of the same lines. */
async function explainOn(input: Buffer): Promise<void> {
  const files = filesIn(input);
  const own = [...files].filter(([name]) => name.endsWith('.conf') || name === 'cmdline');
  const entries = (files.get('aliases') ?? Buffer.of())
    .toString('latin1')
    .split('\n')
    .flatMap((line, priority) => {
      const [key = '', value = ''] = line.split(' ');
      return key === '' ? [] : [{ key, value, priority }];
    });
  const dependencies = (files.get('dep') ?? Buffer.of())
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, priority) => ({ key: line.slice(0, line.indexOf(':')), value: line, priority }));
  const system: TargetSystemFiles = {
    version: files.get('version')?.toString() ?? '',
    directories: [
      { path: '/etc/modprobe.d', entries: own.map(([name]) => ({ name, kind: 'file' as const })) },
    ],
    files: own.map(([name, bytes]) => ({
      path: name === 'cmdline' ? '/proc/cmdline' : `/etc/modprobe.d/${name}`,
      uri: `kmod-target:/${name}`,
      text: bytes.toString(),
    })),
    unreadable: [],
    indexes: {
      'modules.alias.bin': buildIndex(entries).toString('base64'),
      'modules.dep.bin': buildIndex(dependencies).toString('base64'),
    },
    moduleFiles: null,
    loaded: ['one'],
  };
  for (const name of ['one', 'fs-ext4', 'm0']) {
    explain(name, await planOnTarget(name, ORIGIN, system, 34));
  }
}

async function catalogOf(input: Buffer): Promise<void> {
  const value = json(input);
  if (value === undefined) return;
  readSettings(value);
  readKmodVersion(value);
  readSeverities(value);
  readEditorCommands(value);
  // Our own client is the other end: the shapes are right, their content is a target's.
  const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  const source = new TargetModules(ORIGIN, (method) =>
    Promise.resolve(
      method.endsWith('Names') ? { names, aliases: names } : method.endsWith('Info') ? null : names,
    ),
  );
  const catalog = new CachedCatalog(source, SILENT);
  const { signal } = new AbortController();
  for (const name of ['one', ...names.slice(0, 20)]) {
    await catalog.get(name, signal);
    catalog.peek(name);
    catalog.peekFileName(name);
    catalog.peekDependants(name);
  }
  nearest('hello', names);
}

function json(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString());
  } catch {
    return undefined;
  }
}

export const PROTOCOL_READERS: readonly Reader[] = [
  {
    name: 'explain',
    seeds: [
      text(
        '@@ a.conf',
        'alias fs-ext4 one',
        'options one a=1',
        'blacklist two',
        'install three /bin/false',
        'softdep one pre: two post: three',
        '@@ cmdline',
        'one.debug=1 modprobe.blacklist=two',
        '@@ version',
        'kmod version 30',
        '@@ aliases',
        'fs_ext? one',
        'pci:v*d* two',
        '@@ dep',
        'one:kernel/one.ko: kernel/two.ko',
        'two:kernel/two.ko:',
        'm0:kernel/m0.ko:',
      ),
    ],
    words: [
      'alias ',
      'options one ',
      'softdep one pre: ',
      'softdep two post: ',
      'install ',
      'blacklist ',
      'kernel/',
      '.ko',
      '*',
      '?',
      '[',
      '@@ version\nBusyBox v1.35\n',
    ],
    run: explainOn,
    refusals: [BudgetError],
  },
  {
    name: 'client-answers',
    seeds: [
      Buffer.from(JSON.stringify(['one', 'two', 'snd-hda-intel', 'fs-ext4', 'char-major-10-*'])),
      Buffer.from(
        JSON.stringify({
          sysroot: '/x',
          kernelRelease: '6.1',
          kmodVersion: '30',
          diagnostics: { severity: { 'unknown-module': 'off' } },
        }),
      ),
    ],
    words: ['"', ',', '"__proto__"', '"constructor"', '*', '[', 'null'],
    run: catalogOf,
    share: 0.5,
  },
  {
    name: 'command-line',
    seeds: [
      Buffer.from('modprobe -D --show-depends -C /etc/x one a=1 -- --b'),
      Buffer.from('-F parm --field=x "a b" \'c\''),
    ],
    words: ['-', '--', '=', ' ', '"', "'", '--show', '-C'],
    run: (input) => {
      const words = input.toString().split(' ');
      wordsOfEnvironment(input.toString());
      for (const table of [MODPROBE_OPTIONS, MODINFO_OPTIONS]) {
        for (const first of [true, false]) {
          try {
            Array.from(readOptions(words, table, first));
          } catch (error) {
            if (!(error instanceof OptionError)) throw error;
          }
        }
      }
      for (const word of words.slice(0, 20)) nearest(word, ['modprobe', 'modinfo', 'check']);
    },
    share: 0.5,
  },
];
