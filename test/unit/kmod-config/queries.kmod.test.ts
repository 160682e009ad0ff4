import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeText } from '../../../kmod/text';
import { QUERIES } from '../../../server/commands/queries';
import type { Answer } from '../../../server/commands/system';
import { KmodChroot, type Query } from './kmodChroot';
import { installedKmod } from './kmodOracle';
import { answerOf } from '../server/answerOf';

const RELEASE = '1.0';
/** A file that a modules.dep names is not there. */
const BROKEN_RELEASE = '2.0';
/** Of each scenario. */
const QUESTIONS = 4;
const BATCH = 100;
// Each system is a directory that modprobe reads anew: 2,000 take more than a minute and a half.
const BATCHES = process.env['CI'] === undefined ? 2 : 20;

const NAMES = [
  ...['btrfs', 'async_pq', 'async_xor', 'drbd', 'virtio_scsi', 'virtio-rng', 'udf', 'crc-itu-t', 'r8169'],
  ...['virtio_ring', 'raid6_pq', 'xor', 'libcrc32c', 'crc32c', 'unix', 'ext4', 'net-pf-1', 'fs-btrfs'],
  ...[
    'virtio:d00000008v00001AF4',
    'pci:v000010ECd00008168sv00000000sd00000000bc02sc00i00',
    'symbol:xor_blocks',
  ],
  ...['foo', 'foo-bar', 'foo_bar', 'foo.bar', 'eth0', 'off', 'é', 'x]', 'a[b-c]d', 'a[b'],
];
const PATTERNS = [
  ...[
    '*',
    'foo*',
    'f?o',
    '?',
    '??',
    '[a-f]*',
    '[!f]oo',
    '[^v]*',
    'virtio*',
    '*-rng',
    'pci:v000010EC*',
    'symbol:*',
  ],
  ...['*_pq', 'fs-*', 'é*', '[]', '[]]', 'foo[-_]bar', 'x\\\\*', '[a-c', 'net-pf-[0-9]', '*:*'],
];
const FILE_NAMES = [
  ...[
    'a.conf',
    'b.conf',
    'B.conf',
    'modules.conf',
    'modules.softdep.conf',
    'modules.weak.conf',
    'z.conf',
    'é.conf',
  ],
  ...['x.alias', '.hidden.conf', 'README', 'a.conf.bak', 'a-b.conf', 'a_b.conf'],
];
const DIRECTORIES = [
  ...['etc/modprobe.d', 'run/modprobe.d', 'usr/local/lib/modprobe.d', 'usr/lib/modprobe.d', 'lib/modprobe.d'],
];

type Entry = { content: string } | { target: string } | { directory: true };

interface Scenario {
  /** By file name, one for each of DIRECTORIES. */
  readonly directories: readonly Readonly<Record<string, Entry>>[];
  readonly kernelArguments: readonly string[];
  readonly asked: readonly Asked[];
}

/** A command line, as modprobe and ours take it, without the letter for the query. */
interface Asked {
  readonly letter: 'c' | 'D' | 'R';
  readonly argv: readonly string[];
  /** MODPROBE_OPTIONS */
  readonly environment: string | undefined;
}

const name = fc.constantFrom(...NAMES);
const pattern = fc.oneof(
  { weight: 2, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom(...PATTERNS) },
);
const blank = fc.constantFrom(' ', ' ', ' ', ' ', '  ', '\t', ' \\\n', '\\\n ');
const text = fc.constantFrom(
  ...[
    'a=1',
    'b',
    'c="x y"',
    "d='q r'",
    'e=1\tf=2',
    '/bin/false $CMDLINE_OPTS',
    '# no comment',
    'é=ü',
    ' g=1 ',
  ],
);
const list = (words: fc.Arbitrary<string>, maxLength: number) =>
  fc
    .array(fc.tuple(words, blank), { minLength: 1, maxLength })
    .map((pairs) => pairs.flat().join('').trimEnd());
const softdeps = list(fc.oneof({ weight: 2, arbitrary: name }, fc.constantFrom('pre:', 'post:')), 6);

const parts = (...arbitraries: fc.Arbitrary<string>[]) =>
  fc.tuple(...arbitraries.flatMap((part) => [part, blank])).map((words) => words.slice(0, -1).join(''));
const line = fc.oneof(
  { weight: 5, arbitrary: parts(fc.constant('alias'), pattern, name) },
  { weight: 3, arbitrary: parts(fc.constant('blacklist'), name) },
  { weight: 4, arbitrary: parts(fc.constant('options'), pattern, text) },
  { weight: 3, arbitrary: parts(fc.constantFrom('install', 'remove'), pattern, text) },
  {
    weight: 4,
    arbitrary: parts(fc.constant('softdep'), pattern, fc.constantFrom('pre:', 'post:', ''), softdeps),
  },
  { weight: 1, arbitrary: parts(fc.constant('weakdep'), pattern, name) },
  {
    weight: 1,
    arbitrary: parts(fc.constantFrom('include', 'config', '#', 'options', 'alias', 'Alias'), name),
  },
);
const sane = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\n', '', '\\'))
  .map(([lines, end]) => lines.join('\n') + end);

/** What nobody writes, and a line reader has to take: control characters, bytes that are no UTF-8, escapes, lengths. */
const oddWord = fc.string({
  unit: fc.constantFrom(
    ...['a', 'b', 'foo', 'udf', '_', '-', '*', '?', '[', ']', '\\', '!', '^', '.', ':', '/', '"', "'", '#'],
    ...['é', '\uDCFF', '\uDC80', '\r', '\v', '\f', '\0', '\x01', '$', '[:alpha:]', '[.', '=]', 'z-a', 'a-c'],
  ),
  minLength: 1,
  maxLength: 7,
});
const oddBlank = fc.constantFrom(
  ...[' ', ' ', ' ', '\t', '  ', '\\\n', '\\ ', ' \\\n ', '\r', '\v', '\f', '\\\\'],
);
const oddValue = fc.oneof(
  list(fc.oneof(oddWord, name, fc.constantFrom('pre:', 'post:', 'pre', '${CMDLINE_OPTS}')), 5),
  fc.constantFrom('x'.repeat(5_000), 'x '.repeat(3_000), `pre: ${'udf '.repeat(300)}`),
);
const oddLine = fc
  .tuple(
    fc.constantFrom(
      ...['alias', 'options', 'install', 'remove', 'softdep', 'weakdep', 'blacklist', 'include', ''],
    ),
    oddBlank,
    fc.oneof(pattern, oddWord),
    oddBlank,
    oddValue,
    fc.constantFrom('\n', '\n', '\r\n', '\n\n', '\\\n', '\0\n'),
  )
  .map((words) => words.join(''));
const odd = fc
  .tuple(
    fc.constantFrom('', '', '\uFEFF'),
    fc.array(oddLine, { maxLength: 6 }),
    fc.constantFrom('', '\\', '\\\n', '\\\\', '\r', '\0', '#\\', '# a\\\n'),
  )
  .map(([mark, lines, end]) => mark + lines.join('') + end);
const source = fc.oneof({ weight: 3, arbitrary: sane }, { weight: 1, arbitrary: odd });

const entryWith = (odd: fc.Arbitrary<Entry>) =>
  fc.oneof(
    { weight: 8, arbitrary: source.map((content): Entry => ({ content })) },
    { weight: 1, arbitrary: fc.constant<Entry>({ content: '' }) },
    { weight: 2, arbitrary: linkTo('/dev/null', '/lib/modules/1.0/modules.softdep', '/proc/cmdline') },
    { weight: 2, arbitrary: odd },
  );
const linkTo = (...targets: string[]) => fc.constantFrom(...targets).map((target): Entry => ({ target }));
const entry = fc.constantFrom(
  // Up to kmod 33, what a link to nowhere counts for after a directory depends on memory that nobody set.
  entryWith(linkTo('nowhere', '/etc/modprobe.d/a.conf', 'x.alias/none')),
  entryWith(fc.constant<Entry>({ directory: true })),
);
const directories = entry.chain((found) => {
  const directory = fc.dictionary(fc.constantFrom(...FILE_NAMES), found, { maxKeys: 4 });
  const others = DIRECTORIES.slice(1).map(() => fc.option(directory, { freq: 1, nil: {} }));
  return fc.tuple(directory, ...others);
});
const kernelArgument = fc.oneof(
  fc
    .tuple(name, fc.constantFrom('.a=1', '.b', '.c="x y"', '.d.e=1', '=1', '', '.f=a.b="c"'))
    .map((pair) => pair.join('')),
  fc.constantFrom(
    'quiet',
    '"foo.a=b c"',
    'modprobe.blacklist=foo-bar,udf,',
    '"modprobe.blacklist=a,b"',
    '--',
  ),
  fc.string({
    unit: fc.constantFrom(
      ...['a', '-', '[', ']', '.', '=', '"', ',', '\t', 'é', "'", '\\', ' ', '\uDCFF', '\r', 'udf.'],
      'modprobe.blacklist=',
    ),
  }),
);

/** An option of modprobe in one of its spellings; those of getopt_long(3), good and bad. */
const flag = fc.constantFrom(
  ...[['-b'], ['--use-blacklist'], ['--use'], ['-i'], ['--ignore-install'], ['--ignore-r'], ['-bi'], ['-ib']],
  ...[
    ['-q'],
    ['--quiet'],
    ['-a'],
    ['--all'],
    ['-v'],
    ['-qvv'],
    ['-n'],
    ['--show'],
    ['-ai'],
    ['-w', '5'],
    ['-w7'],
  ],
);
const searchPath = fc
  .constantFrom(
    ...[
      '/etc/modprobe.d',
      '/etc/modprobe.d/README',
      '/run/modprobe.d',
      '/run/modprobe.d/a.conf',
      'etc/modprobe.d',
    ],
  )
  .chain((path) =>
    fc.constantFrom(
      ['-C', path],
      [`-C${path}`],
      ['--config', path],
      [`--config=${path}`],
      [`-bC${path}`],
      [`--co=${path}`],
    ),
  );
const kernelRelease = fc
  .constantFrom(RELEASE, RELEASE, RELEASE, BROKEN_RELEASE, 'none')
  .chain((release) =>
    fc.constantFrom(
      ['-S', release],
      [`-S${release}`],
      [`--set-version=${release}`],
      ['--set', release],
      ['-d', '/', '-S', release],
    ),
  );
const wrong = fc.constantFrom(
  ...[
    ['-x'],
    ['-bx'],
    ['--nope'],
    ['--quiet=1'],
    ['--f'],
    ['--re'],
    ['-S'],
    ['--config'],
    ['-w', 'soon'],
    ['-é'],
    ['-'],
    [''],
  ],
);
const moduleParameter = fc.constantFrom('p=1', 'q=a b', "r='s t'", 'u', '', 'é=1');

/** Once in so many cases. */
function sometimes<T>(words: fc.Arbitrary<readonly T[]>, cases: number): fc.Arbitrary<readonly T[]> {
  const none = fc.constant<readonly T[]>([]);
  return fc.oneof({ weight: cases - 1, arbitrary: none }, { weight: 1, arbitrary: words });
}

function asked(letter: Asked['letter']): fc.Arbitrary<Asked> {
  const options = fc.tuple(
    kernelRelease,
    fc.array(flag, { maxLength: 2 }),
    sometimes(fc.array(searchPath, { minLength: 1, maxLength: 3 }), 4),
    sometimes(wrong, 12),
  );
  const operands = fc.tuple(name, fc.array(moduleParameter, { maxLength: 2 }));
  const environment = fc.constantFrom(
    ...[
      '-q',
      '-b -i',
      ' -b',
      '-C /run/modprobe.d',
      '"-b" -i',
      "-C '/etc/modprobe.d'",
      '-C /etc/"modprobe.d" -q',
      "'-b",
    ],
  );
  return fc
    .record({
      options,
      operands,
      end: fc.constantFrom([], ['--']),
      behind: fc.boolean(),
      environment: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: environment },
      ),
    })
    .map(({ options: [release, flags, paths, bad], operands: [first, others], end, behind, ...rest }) => {
      const given = [...release, ...flags.flat(), ...paths.flat(), ...bad];
      const words = [first, ...others];
      const argv = behind ? [...words, ...given] : [...given, ...end, ...words];
      return { letter, argv, ...rest };
    });
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  directories,
  kernelArguments: fc.array(kernelArgument, { maxLength: 4 }),
  asked: fc.tuple(asked('c'), asked('D'), asked('D'), asked('R')),
});

let chroot: KmodChroot;
const cases = () => join(chroot.root, 'cases');

beforeAll(() => {
  chroot = new KmodChroot();
  const modules = NAMES.slice(0, 14);
  chroot.installKernel(RELEASE, modules);
  const paths = chroot.installKernel(BROKEN_RELEASE, modules);
  const needed = paths.find((path) => path.includes('/virtio_ring.'));
  rmSync(join(chroot.root, 'lib/modules', BROKEN_RELEASE, needed ?? 'virtio_ring'));
  mkdirSync(cases());
  for (const path of [...DIRECTORIES, 'proc/cmdline']) {
    mkdirSync(join(chroot.root, path, '..'), { recursive: true });
    symlinkSync(`/cases/current/${path}`, join(chroot.root, path));
  }
}, 600_000);

afterAll(() => chroot.remove());

function lay({ directories, kernelArguments }: Scenario, id: number): void {
  const root = join(cases(), String(id));
  DIRECTORIES.forEach((path, index) => {
    mkdirSync(join(root, path), { recursive: true });
    for (const [file, found] of Object.entries(directories[index] ?? {})) {
      const place = join(root, path, file);
      if ('content' in found) writeFileSync(place, encodeText(found.content));
      else if ('directory' in found) mkdirSync(place);
      else symlinkSync(found.target, place);
    }
  });
  mkdirSync(join(root, 'proc'));
  writeFileSync(join(root, 'proc/cmdline'), `${kernelArguments.join(' ')}\n`);
}

const QUERY_OF = { c: 'config', D: 'show-depends', R: 'resolve' } as const;

function queriesOf({ asked }: Scenario, id: number): Query[] {
  return asked.map(({ letter, argv, environment }, index) => ({
    argv: [`-${letter}`, ...argv],
    prepare: [
      ...(index === 0 ? [`busybox ln -sfn ${id} /cases/current`] : []),
      environment === undefined
        ? 'unset MODPROBE_OPTIONS'
        : `export MODPROBE_OPTIONS='${environment.replaceAll("'", "'\\''")}'`,
    ].join('; '),
  }));
}

async function ownAnswers({ asked }: Scenario, id: number): Promise<Answer[]> {
  const current = join(cases(), 'current');
  if (lstatSync(current, { throwIfNoEntry: false }) !== undefined) rmSync(current);
  symlinkSync(String(id), current);
  const answers: Answer[] = [];
  for (const { letter, argv, environment } of asked) {
    const ask = QUERIES[QUERY_OF[letter]];
    if (ask === undefined) throw new Error(`no query ${letter}`);
    const system = ['--sysroot', chroot.root, '--kmod-version', String(installedKmod)];
    answers.push(
      await answerOf((print) => ask([...system, ...argv], print, { MODPROBE_OPTIONS: environment })),
    );
  }
  return answers;
}

/** Without the index part of the dump, and without an address in memory that one message tells. */
function comparable({ exitCode, stdout, stderr }: Answer): Answer {
  return {
    exitCode,
    stdout: stdout.replace(/# End of configuration files[^]*/, ''),
    stderr: stderr
      .replace(/.*\bctx=0x.*\n/g, '')
      // What -v tells of libkmod itself.
      .replace(/^modprobe: INFO: .*\n/gm, '')
      // The C library tells errors by the name that the program was called by.
      .replace(/^\/sbin\/modprobe:/gm, 'modprobe:'),
  };
}

async function compare(scenarios: readonly Scenario[]): Promise<void> {
  rmSync(cases(), { recursive: true });
  mkdirSync(cases());
  scenarios.forEach(lay);
  const queries = scenarios.flatMap(queriesOf);
  const theirs = chroot.ask(queries).map(comparable);
  const ours: Answer[] = [];
  for (const [id, asked] of scenarios.entries()) ours.push(...(await ownAnswers(asked, id)).map(comparable));
  const first = ours.findIndex((answer, index) => !isDeepStrictEqual(answer, theirs[index]));
  const question = { asked: scenarios[Math.floor(first / QUESTIONS)], argv: queries[first]?.argv };
  expect({ ...question, ...ours[first] }).toEqual({ ...question, ...theirs[first] });
}

describe.runIf(process.getuid?.() === 0)(
  `config, show-depends and resolve against kmod ${installedKmod}`,
  () => {
    it(`agree in ${BATCH * BATCHES} generated systems`, { timeout: 1_800_000 }, async () => {
      const batch = fc.array(scenario, { minLength: BATCH, maxLength: BATCH });
      await fc.assert(fc.asyncProperty(batch, compare), { numRuns: BATCHES, endOnFailure: true });
    });
  },
);
