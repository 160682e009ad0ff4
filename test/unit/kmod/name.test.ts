import { describe, expect, it } from 'vitest';
import { isModuleName, moduleNameOfPath, normalizeModuleName } from '../../../kmod/name';

describe('module names', () => {
  it('are the same with - and _', () => {
    expect(normalizeModuleName('snd-hda-intel')).toBe('snd_hda_intel');
  });

  it.each([
    ['foo-bar.ko', 'foo_bar'],
    ['/lib/modules/6.1/kernel/net/foo-bar.ko.xz', 'foo_bar'],
    ['a.b/foo.ko.gz', 'foo'],
    ['foo.ko.zst', 'foo'],
    ['foo.koala', 'foo.koala'],
  ])('of the path %s is %s', (path, name) => {
    expect(moduleNameOfPath(path)).toBe(name);
  });

  it.each(['hello', 'snd-hda-intel', '8021q', '_x', 'a'.repeat(55)])('may be %s', (name) => {
    expect(isModuleName(name)).toBe(true);
  });

  it.each(['', '-f', '../x', 'a b', 'a\n', '$(reboot)', "a'", 'a;b', 'ä', 'a'.repeat(56)])(
    'may not be %j',
    (name) => {
      expect(isModuleName(name)).toBe(false);
    },
  );
});
