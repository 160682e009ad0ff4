import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex } from '../../../kmod/tree/buildIndex';
import { RULES } from '../../../server/language/analysis/rules';
import { KmodChroot } from '../kmod-config/kmodChroot';
import { installedKmod, kmodVerdict } from '../kmod-config/kmodOracle';
import { carryOut, openTexts, readPages, type Texts } from './catalogue';

const SYSTEMD = '/lib/systemd/systemd-modules-load';
const pages = new Map(readPages().map((page) => [page.code, page]));
const textOf = (texts: Texts): string => Object.values(texts).join('\n') + '\n';
const bad = (code: string): string => textOf(pages.get(code)?.bad ?? {});
const good = (code: string): string => textOf(pages.get(code)?.good ?? {});

/** A kernel of nothing but a modules.dep: enough for modprobe to tell what it would do. */
const MODULES: Readonly<Record<string, string>> = {
  e1000e: 'e1000e.ko: ptp.ko',
  ptp: 'ptp.ko:',
  nouveau: 'nouveau.ko: drm.ko',
  drm: 'drm.ko:',
  i915: 'i915.ko:',
  pcspkr: 'pcspkr.ko:',
  snd_pcsp: 'snd_pcsp.ko:',
};

const indexOf = (values: Readonly<Record<string, string>>): Buffer =>
  buildIndex(Object.entries(values).map(([key, value]) => ({ key, value, priority: 0 })));

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'catalogue-'));
  mkdirSync(join(root, 'lib/modules/x'), { recursive: true });
  const directory = join(root, 'lib/modules/x');
  writeFileSync(join(directory, 'modules.dep.bin'), indexOf(MODULES));
  for (const name of Object.keys(MODULES)) writeFileSync(join(directory, `${name}.ko`), '');
});
afterAll(() => rmSync(root, { recursive: true }));

/** What modprobe would do for a module, a step a line, and its exit code. */
function steps(source: string, ...argv: string[]): [number | null, ...string[]] {
  const file = join(root, 't.conf');
  writeFileSync(file, source);
  const all = ['-d', root, '-S', 'x', '-C', file, '--show-depends', ...argv];
  const { status, stdout } = spawnSync('/sbin/modprobe', all, { encoding: 'utf8', env: { LC_ALL: 'C' } });
  const told = stdout.split('\n').filter((line) => line !== '');
  return [status, ...told.map((line) => line.replace(`${root}/lib/modules/x/`, '').trim())];
}

/** By code: what the lines begin with that kmod drops. */
const DROPPED: readonly [string, readonly string[]][] = [
  ['unknown-command', ['Blacklist', 'option']],
  ['wrong-dialect', ['e1000e.debug=1', 'modprobe.blacklist=pcspkr,nouveau']],
  ['missing-argument', ['options', 'alias']],
  ['indented-comment', ['#']],
  ['unbalanced-bracket', ['alias']],
  ['invisible-character', ['blacklist\u00A0pcspkr']],
  ['version-required', installedKmod < 33 ? ['weakdep'] : []],
];

/** By code: the lines that kmod stores. */
const CHANGED: readonly [string, readonly string[]][] = [
  ['deprecated-command', []],
  ['trailing-comment', ['blacklist pcspkr', 'options e1000e debug=1 # noisy']],
  ['extra-arguments', ['blacklist pcspkr']],
  ['continuation-trap', []],
  ['lost-backslash', ['install snd_pcsp echo cost: $5']],
  ['not-a-module-name', ['blacklist nouveau.ko', 'blacklist pcspkr,snd_pcsp']],
  ['duplicate-entry', ['blacklist pcspkr', 'blacklist nouveau', 'blacklist pcspkr']],
  ['parameter-syntax', ['options e1000e debug = 1', "options vfio_pci ids='8086:10d3'"]],
];

type Steps = [number, ...string[]];

/** By code: what modprobe is asked, and what it does by the bad example, and by the good one. */
const STEPS: readonly [string, readonly string[], Steps, Steps | undefined][] = [
  ['glob-ignored', ['-b', 'snd_pcsp'], [0, 'insmod snd_pcsp.ko'], [0]],
  ['blacklist-alias', ['-b', 'eth0'], [0, 'insmod ptp.ko', 'insmod e1000e.ko'], [0]],
  [
    'blacklist-not-absolute',
    ['e1000e'],
    [0, 'insmod ptp.ko', 'insmod e1000e.ko', 'insmod pcspkr.ko'],
    undefined,
  ],
  ['parameter-overridden', ['e1000e'], [0, 'insmod ptp.ko', 'insmod e1000e.ko debug=1 debug=16'], undefined],
  [
    'options-alias-scope',
    ['e1000e'],
    [0, 'insmod ptp.ko', 'insmod e1000e.ko'],
    [0, 'insmod ptp.ko', 'insmod e1000e.ko debug=1'],
  ],
  ['install-shadowed', ['pcspkr'], [0, 'install /bin/false'], undefined],
  ['install-loads-dependencies', ['nouveau'], [0, 'insmod drm.ko', 'install /bin/false'], undefined],
  [
    'install-recursion',
    ['e1000e'],
    [0, 'insmod ptp.ko', 'install /sbin/modprobe e1000e $CMDLINE_OPTS'],
    undefined,
  ],
  [
    'softdep-hides-install',
    ['e1000e'],
    [0, 'insmod ptp.ko', 'insmod pcspkr.ko', 'insmod e1000e.ko'],
    undefined,
  ],
  [
    'softdep-shadowed',
    ['e1000e'],
    [0, 'insmod ptp.ko', 'insmod pcspkr.ko', 'insmod e1000e.ko'],
    [0, 'insmod ptp.ko', 'insmod pcspkr.ko', 'insmod e1000e.ko', 'insmod drm.ko', 'insmod nouveau.ko'],
  ],
  ['softdep-cycle', ['e1000e'], [0, 'insmod ptp.ko', 'insmod pcspkr.ko', 'insmod e1000e.ko'], undefined],
  ['alias-shadows-module', ['nouveau'], [0, 'insmod i915.ko'], undefined],
  ['alias-chain', ['eth0'], [0], [0, 'insmod ptp.ko', 'insmod e1000e.ko']],
  [
    'prefer-softdep',
    ['e1000e'],
    [0, 'insmod ptp.ko', 'install /sbin/modprobe pcspkr; /sbin/modprobe -i e1000e $CMDLINE_OPTS'],
    [0, 'insmod ptp.ko', 'insmod pcspkr.ko', 'insmod e1000e.ko'],
  ],
  ['unknown-module', ['-b', 'nouveau'], [0, 'insmod drm.ko', 'insmod nouveau.ko'], [0]],
];

/** Those that have a test of their own below. */
const OTHERS = [
  ...['softdep-syntax', 'cmdline-opts'],
  ...['file-ignored', 'file-masked', 'builtin-no-effect', 'load-conflict', 'modules-load-line'],
  'depmod-never-matches',
];

/** What only a kernel tells, when it loads a module: test/kernel/modprobe.test.ts. */
const OF_KERNEL = ['unknown-parameter', 'bad-parameter-value'];

it('each diagnostic is confirmed by the tool that it speaks of', () => {
  const confirmed = [...DROPPED, ...CHANGED, ...STEPS].map(([code]) => code);
  expect([...confirmed, ...OTHERS, ...OF_KERNEL].sort()).toEqual(Object.keys(RULES).sort());
});

describe(`the bad examples before kmod ${installedKmod}`, () => {
  const complaints = (code: string) => kmodVerdict(bad(code)).complaints;
  const entries = (code: string) => kmodVerdict(bad(code)).entries;

  it.each(DROPPED)('%s: the line is dropped', (code, starts) => {
    expect(complaints(code).map((text) => /'(.*)'$/.exec(text)?.[1])).toEqual(starts);
  });

  it.each(CHANGED)('%s: other lines stand than were meant', (code, expected) => {
    expect(entries(code)).toEqual(expected);
  });

  it('softdep-syntax: words are dropped, or taken for a module', () => {
    expect(entries('softdep-syntax')).toEqual(['softdep e1000e ', 'softdep nouveau ']);
    expect(kmodVerdict('softdep nouveau pre: post:i915\n').entries).toEqual([
      'softdep nouveau pre: post:i915',
    ]);
  });

  it.each(STEPS)('%s: modprobe %s does not do what was meant', (code, argv, onBad, onGood) => {
    expect(steps(bad(code), ...argv)).toEqual(onBad);
    if (onGood !== undefined) expect(steps(good(code), ...argv)).toEqual(onGood);
  });
});

describe('the command of an install line', () => {
  it('cmdline-opts: kmod replaces only the name without braces', () => {
    const file = join(root, 't.conf');
    writeFileSync(file, 'install pcspkr echo "<$CMDLINE_OPTS> <${CMDLINE_OPTS}>"\n');
    const argv = ['-d', root, '-S', 'x', '-C', file, 'pcspkr', 'debug=1'];
    const { stdout } = spawnSync('/sbin/modprobe', argv, { encoding: 'utf8', env: { LC_ALL: 'C' } });
    expect(stdout).toBe('<debug=1> <>\n');
  });
});

describe.runIf(process.getuid?.() === 0)('the files of the bad examples, as a whole system', () => {
  const modules = ['e1000e', 'nouveau', 'pcspkr'];
  let system: KmodChroot;

  beforeAll(() => {
    system = new KmodChroot();
    const kernel = join('lib/modules', release());
    system.make(kernel);
    const files = {
      'modules.dep.bin': Object.fromEntries(modules.map((name) => [name, `${name}.ko:`])),
      'modules.builtin.bin': { loop: 'kernel/drivers/block/loop.ko' },
    };
    for (const [file, values] of Object.entries(files))
      writeFileSync(join(system.root, kernel, file), indexOf(values));
    // Nothing that a kernel would load.
    for (const name of modules) writeFileSync(join(system.root, kernel, `${name}.ko`), '');
    copyFileSync(SYSTEMD, join(system.root, 'bin/systemd-modules-load'));
    for (const library of execFileSync('ldd', [SYSTEMD], { encoding: 'utf8' }).match(/\/\S+/g) ?? []) {
      system.make(dirname(library));
      copyFileSync(library, join(system.root, library));
    }
  });
  afterAll(() => system.remove());

  /** The files of an example, and no others. */
  function lay(texts: Texts = {}): void {
    for (const directory of ['etc/modprobe.d', 'lib/modprobe.d', 'etc/modules-load.d'])
      rmSync(join(system.root, directory), { recursive: true, force: true });
    for (const [path, text] of Object.entries(texts)) {
      system.make(dirname(path));
      writeFileSync(join(system.root, path), `${text}\n`);
    }
  }

  const modprobe = (texts: Texts | undefined, ...argv: string[]): string[] => {
    lay(texts);
    const [answer] = system.ask([{ argv }]);
    const [told = ''] = (answer?.stdout ?? '').split('# End of configuration files');
    return told.split('\n').filter((line) => line !== '');
  };

  const load = (texts: Texts | undefined): string => {
    lay(texts);
    return spawnSync('chroot', [system.root, '/bin/systemd-modules-load'], {
      encoding: 'utf8',
      env: {
        PATH: '/usr/sbin:/usr/bin',
        SYSTEMD_LOG_LEVEL: 'debug',
        SYSTEMD_LOG_TARGET: 'console',
        SYSTEMD_LOG_COLOR: '0',
      },
    }).stderr;
  };

  it('file-ignored: nothing of it counts', () => {
    expect(modprobe(pages.get('file-ignored')?.bad, '-c')).toEqual([]);
    expect(modprobe(pages.get('file-ignored')?.good, '-c')).toEqual(['blacklist pcspkr']);
  });

  it('file-masked: the other file of its name does not count', () => {
    expect(modprobe(pages.get('file-masked')?.bad, '-c')).toEqual(['blacklist nouveau']);
    expect(modprobe(pages.get('file-masked')?.good, '-c')).toEqual(['blacklist nouveau', 'blacklist i915']);
  });

  it('builtin-no-effect: modprobe does nothing, whatever the options are', () => {
    expect(modprobe(pages.get('builtin-no-effect')?.bad, '-D', 'loop')).toEqual(['builtin loop']);
  });

  it('load-conflict: systemd-modules-load passes over what is blacklisted', () => {
    expect(load(pages.get('load-conflict')?.bad)).toContain("Module 'pcspkr' is deny-listed");
    expect(load(pages.get('load-conflict')?.good)).toContain("Failed to insert module 'pcspkr'");
  });

  it('modules-load-line: systemd-modules-load looks for the whole line', () => {
    const found = (texts: Texts | undefined) =>
      [...load(texts).matchAll(/^Loading module: (.*)$/gm)].map(([, name]) => name);
    expect(found(pages.get('modules-load-line')?.bad)).toEqual(['e1000e debug=1', 'nouveau # card']);
    expect(found(pages.get('modules-load-line')?.good)).toEqual(['e1000e', 'nouveau']);
  });
});

describe('the bad example before depmod', () => {
  const kernel = 'lib/modules/1.0';
  const modules = ['updates/e1000e.ko', 'extra/e1000e.ko', 'extra/old/pcspkr.ko'];

  /** The modules that depmod finds. */
  function found(texts: Texts | undefined): string[] {
    const file = join(root, 'depmod.conf');
    writeFileSync(file, textOf(texts ?? {}));
    const argv = ['-n', '-b', root, '-C', file, '1.0'];
    const { stdout } = spawnSync('/sbin/depmod', argv, { encoding: 'utf8', env: { LC_ALL: 'C' } });
    return modules.filter((path) => stdout.includes(`\n${path}:`) || stdout.startsWith(`${path}:`));
  }

  it('depmod-never-matches: nothing is overridden, and nothing left out', () => {
    const [source] = execFileSync('find', ['/lib/modules', '-name', '*.ko', '-print', '-quit'], {
      encoding: 'utf8',
    }).split('\n');
    for (const path of modules) {
      mkdirSync(dirname(join(root, kernel, path)), { recursive: true });
      copyFileSync(source ?? '', join(root, kernel, path));
    }
    const [inUpdates, inExtra, old] = modules;
    expect(found(pages.get('depmod-never-matches')?.bad)).toEqual([inUpdates, old]);
    expect(found(pages.get('depmod-never-matches')?.good)).toEqual([inExtra]);
  });
});

describe('"fix all"', () => {
  const fixAll = async (text: string): Promise<string> => {
    const path = '/etc/modprobe.d/test.conf';
    const { found, actions } = await openTexts({ [path]: text });
    const [first] = found;
    const [action] = first === undefined ? [] : await actions(first, ['source.fixAll']);
    return action === undefined ? text : (carryOut({ [path]: text }, action)[path] ?? '');
  };

  it.each([
    ['Blacklist pcspkr\n', ['blacklist pcspkr']],
    ['  # why\nblacklist pcspkr\n', ['blacklist pcspkr']],
    ['options e1000e debug=1 # why\n', ['options e1000e debug=1']],
    ['blacklist pcspkr # why\nblacklist pcspkr\n', ['blacklist pcspkr']],
    ['blacklist\u00A0pcspkr\n', ['blacklist pcspkr']],
    ['\uFEFFblacklist pcs\u200Bpkr\n', ['blacklist pcspkr']],
    ['blacklist pcspkr\\', ['blacklist pcspkr']],
    ['softdep nouveau PRE: i915\n', ['softdep nouveau pre: i915']],
    ['softdep nouveau pre:i915 # why\n', ['softdep nouveau pre: i915']],
    ['softdep nouveau  pre: i915\n', ['softdep nouveau pre: i915']],
  ])('makes of %j what was meant, and kmod agrees', async (text, meant) => {
    expect(kmodVerdict(await fixAll(text))).toEqual({ entries: meant, complaints: [] });
  });

  it('keeps what kmod reads, where lines only say nothing or say something again', async () => {
    const line = fc.constantFrom(
      'blacklist pcspkr',
      'blacklist  snd-pcsp',
      'alias eth* e1000e',
      'alias eth0 e1000e',
      'options e1000e debug=1',
      'options e1000e debug=2',
      'softdep e1000e pre: ptp',
      'install i915 /bin/true',
      '# a comment',
      '',
      '  # indented',
      '\t#blacklist drm',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = lines.map((each) => `${each}\n`).join('');
        const { entries, complaints } = kmodVerdict(await fixAll(text));
        expect(complaints).toEqual([]);
        expect([...new Set(entries)]).toEqual([...new Set(kmodVerdict(text).entries)]);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves alone what is a choice', async () => {
    const text = 'install e1000e modprobe e1000e\nblacklist pcspkr nouveau\noption e1000e debug=1\n';
    expect(await fixAll(text)).toBe(text);
  });
});
