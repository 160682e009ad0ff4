import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTexts } from './catalogue';

const DIRECTORIES = [
  '/etc/modprobe.d',
  '/run/modprobe.d',
  '/usr/local/lib/modprobe.d',
  '/usr/lib/modprobe.d',
  '/lib/modprobe.d',
  '/etc/modules-load.d',
  '/usr/lib/modules-load.d',
  '/etc/depmod.d',
  '/usr/lib/depmod.d',
  '/lib/depmod.d',
];

const texts = Object.fromEntries(
  DIRECTORIES.filter((directory) => existsSync(directory)).flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.conf'))
      .map((name) => [join(directory, name), readFileSync(join(directory, name), 'utf8')]),
  ),
);

describe('the files that the packages of this machine ship', () => {
  it.each(Object.keys(texts))('%s has no error', async (path) => {
    const { found } = await openTexts({ [path]: texts[path] ?? '' });
    expect(found.filter(({ diagnostic }) => diagnostic.severity === 1)).toEqual([]);
  });

  it('have none when they are read together', async () => {
    const { found } = await openTexts(texts);
    expect(found.filter(({ diagnostic }) => diagnostic.severity === 1)).toEqual([]);
  });
});
