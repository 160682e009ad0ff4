import { describe, expect, it } from 'vitest';
import { readKmodVersion, readSeverities } from '../../../server/settings';
import { codesIn, openTexts } from './catalogue';

const codes = (text: string, language = 'modprobe') => codesIn({ [`/etc/${language}.d/test.conf`]: text });

describe('lines that are right', () => {
  it.each([
    'options e1000e debug=0x1f IntMode=1,2 # no comment in front of this'.split(' #')[0] ?? '',
    'options nouveau config="a b=c" modeset=-1',
    'options vfio_pci ids=#1',
    'options vfio_pci ids=',
    'install pcspkr /bin/true # a comment of the shell',
    'install pcspkr echo a\\\\nb',
    'install e1000e /sbin/modprobe -qi e1000e $CMDLINE_OPTS && echo "modprobe e1000e"',
    'install nouveau modprobe -n nouveau; modprobe --show-depends nouveau; modprobe -r nouveau',
    'install nouveau test -e /x && exec modprobe -i nouveau $CMDLINE_OPTS',
    'remove e1000e /sbin/modprobe -r --ignore-remove e1000e',
    'install * /bin/true\ninstall eth0 /bin/false',
    'softdep e1000e post: pcspkr pre: ptp',
    'alias pci:v00008086d*sv* off',
    'alias net-pf-99 e1000e',
    'alias snd-* snd_hda_intel',
    'allow_unsupported_modules 1',
    '#options e1000e debug=1 \\\n#  IntMode=1',
    '# options e1000e \\\n  debug=1',
  ])('%j', async (text) => {
    expect(await codes(`${text}\n`)).toEqual([]);
  });

  it.each([
    'search updates built-in',
    'override e1000e ^6[.]1[.] extra',
    'exclude old older',
    'external * /opt/modules',
  ])('of depmod.d: %j', async (text) => {
    expect(await codes(`${text}\n`, 'depmod')).toEqual([]);
  });
});

describe('lines that are wrong', () => {
  it.each([
    ['options e1000e debug= 1', ['parameter-syntax']],
    ['options e1000e debug =1', ['parameter-syntax']],
    ['options nouveau config="a b', ['parameter-syntax']],
    ["options nouveau config='a b'", ['parameter-syntax', 'unknown-parameter']],
    ['options e1000e debug=99999999999', ['bad-parameter-value']],
    ['options e1000e debug', ['bad-parameter-value']],
    ['options snd_hda_intel index=1,x', ['bad-parameter-value']],
    ['options e1000e.ko debug=1', ['not-a-module-name']],
    ['softdep e1000e pre: ptp,pcspkr', ['not-a-module-name']],
    ['install e1000e modprobe ptp && modprobe e1000e', ['install-recursion']],
    ['install snd-* modprobe -q snd_pcsp', ['install-recursion']],
    ['remove e1000e modprobe -r e1000e', ['install-recursion']],
    ['remove pcspkr echo $CMDLINE_OPTS', ['cmdline-opts']],
    ['install * /bin/true\ninstall pcspkr /bin/false', ['install-shadowed']],
    ['alias nic off', ['alias-chain']],
    ['alias nic fs-ext4', ['alias-chain']],
    ['alias a b\nalias b a', ['alias-chain', 'alias-chain']],
    ['blacklist fs-ext4', ['blacklist-alias']],
    ['options fs-ext4 x=1', ['options-alias-scope']],
    [
      'blacklist pcspkr\ninstall e1000e modprobe pcspkr; modprobe -i e1000e $CMDLINE_OPTS',
      ['blacklist-not-absolute', 'prefer-softdep'],
    ],
  ])('%j', async (text, expected) => {
    expect(await codes(`${text}\n`)).toEqual(expected);
  });

  it.each([
    ['override extra/e1000e.ko * extra', ['depmod-never-matches']],
    ['override e1000e 6.1 extra', ['depmod-never-matches']],
    ['override e1000e ( extra', ['depmod-never-matches']],
    ['exclude old*', ['depmod-never-matches']],
    ['search built-in', ['depmod-never-matches']],
    ['search updates # why', ['trailing-comment']],
    ['override e1000e * extra more', ['extra-arguments']],
  ])('of depmod.d: %j', async (text, expected) => {
    expect(await codes(`${text}\n`, 'depmod')).toEqual(expected);
  });
});

describe('the settings', () => {
  it('change a severity, or switch a code off', async () => {
    const section = {
      diagnostics: { severity: { 'unknown-command': 'hint', 'missing-argument': 'off', nope: 'off' } },
    };
    const texts = { '/etc/modprobe.d/test.conf': 'bogus\nalias\n' };
    const { found } = await openTexts(texts, { severity: readSeverities(section) });
    expect(found.map(({ diagnostic }) => [diagnostic.code, diagnostic.severity])).toEqual([
      ['unknown-command', 4],
    ]);
  });

  it('tell which kmod reads the files', async () => {
    const texts = { '/etc/modprobe.d/test.conf': 'weakdep e1000e ptp\n' };
    const read = (kmodVersion: unknown) => codesIn(texts, { kmod: readKmodVersion({ kmodVersion }) ?? 0 });
    expect(await read('34.2')).toEqual([]);
    expect(await read(32)).toEqual(['version-required']);
  });

  it('are as left out when they are something else', () => {
    for (const section of [
      null,
      1,
      { diagnostics: 3, kmodVersion: '' },
      { kmodVersion: '9'.repeat(10_000) },
      { diagnostics: { severity: { 'file-ignored': 7 } } },
    ]) {
      expect(readSeverities(section)).toEqual({});
      expect(readKmodVersion(section)).toBeUndefined();
    }
  });
});
