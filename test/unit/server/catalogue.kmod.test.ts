import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedKmod, kmodVerdict } from '../kmod-config/kmodOracle';
import { carryOut, openTexts, readPages, type Texts } from './catalogue';

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

/** An index as depmod writes it: libkmod-index.c, with a node a letter. */
function indexOf(values: Readonly<Record<string, string>>): Buffer {
  const u32 = (...numbers: number[]) => {
    const bytes = Buffer.alloc(4 * numbers.length);
    numbers.forEach((number, at) => bytes.writeUInt32BE(number >>> 0, 4 * at));
    return bytes;
  };
  const nodes: Buffer[] = [];
  let end = 12;
  /** @returns the offset of the node, with its flags */
  const write = (keys: readonly (readonly [rest: string, value: string])[]): number => {
    const codes = keys.filter(([rest]) => rest !== '').map(([rest]) => rest.charCodeAt(0));
    const [first, last] = [Math.min(...codes), Math.max(...codes)];
    const children =
      codes.length === 0 ? [] : Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const offsets = children.map((code) => {
      const below = keys.filter(([rest]) => rest.charCodeAt(0) === code);
      return below.length === 0 ? 0 : write(below.map(([rest, value]) => [rest.slice(1), value]));
    });
    const own = keys.filter(([rest]) => rest === '').map(([, value]) => value);
    const offset = end;
    const node = Buffer.concat([
      ...(children.length === 0 ? [] : [Buffer.from([first, last]), u32(...offsets)]),
      ...(own.length === 0
        ? []
        : [u32(own.length), ...own.flatMap((text) => [u32(0), Buffer.from(`${text}\0`)])]),
    ]);
    nodes.push(node);
    end += node.length;
    return offset | (children.length === 0 ? 0 : 0x20000000) | (own.length === 0 ? 0 : 0x40000000);
  };
  const root = write(Object.entries(values));
  return Buffer.concat([u32(0xb007f457, 0x00020001, root), ...nodes]);
}

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

describe(`the bad examples before kmod ${installedKmod}`, () => {
  const complaints = (code: string) => kmodVerdict(bad(code)).complaints;
  const entries = (code: string) => kmodVerdict(bad(code)).entries;

  it.each([
    ['unknown-command', ['Blacklist', 'option']],
    ['wrong-dialect', ['e1000e.debug=1', 'modprobe.blacklist=pcspkr,nouveau']],
    ['missing-argument', ['options', 'alias']],
    ['indented-comment', ['#']],
    ['unbalanced-bracket', ['alias']],
    ['invisible-character', ['blacklist\u00A0pcspkr']],
    ...(installedKmod < 33 ? [['version-required', ['weakdep']] as [string, string[]]] : []),
  ])('%s: the line is dropped', (code, starts) => {
    expect(complaints(code).map((text) => /'(.*)'$/.exec(text)?.[1])).toEqual(starts);
  });

  it.each([
    ['deprecated-command', []],
    ['trailing-comment', ['blacklist pcspkr', 'options e1000e debug=1 # noisy']],
    ['extra-arguments', ['blacklist pcspkr']],
    ['continuation-trap', []],
    ['lost-backslash', ['install snd_pcsp echo cost: $5']],
    ['not-a-module-name', ['blacklist nouveau.ko', 'blacklist pcspkr,snd_pcsp']],
    ['duplicate-entry', ['blacklist pcspkr', 'blacklist nouveau', 'blacklist pcspkr']],
    ['parameter-syntax', ['options e1000e debug = 1', "options vfio_pci ids='8086:10d3'"]],
  ])('%s: other lines stand than were meant', (code, expected) => {
    expect(entries(code)).toEqual(expected);
  });

  it('softdep-syntax: words are dropped, or taken for a module', () => {
    expect(entries('softdep-syntax')).toEqual(['softdep e1000e ', 'softdep nouveau ']);
    expect(kmodVerdict('softdep nouveau pre: post:i915\n').entries).toEqual([
      'softdep nouveau pre: post:i915',
    ]);
  });

  it.each([
    ['glob-ignored', ['-b', 'snd_pcsp'], [0, 'insmod snd_pcsp.ko'], [0]],
    ['blacklist-alias', ['-b', 'eth0'], [0, 'insmod ptp.ko', 'insmod e1000e.ko'], [0]],
    [
      'blacklist-not-absolute',
      ['e1000e'],
      [0, 'insmod ptp.ko', 'insmod e1000e.ko', 'insmod pcspkr.ko'],
      undefined,
    ],
    [
      'parameter-overridden',
      ['e1000e'],
      [0, 'insmod ptp.ko', 'insmod e1000e.ko debug=1 debug=16'],
      undefined,
    ],
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
  ] as const)('%s: modprobe %s does not do what was meant', (code, argv, onBad, onGood) => {
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
