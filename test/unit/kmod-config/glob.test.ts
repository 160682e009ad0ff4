import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../kmod/config/glob';
import { foldName } from '../../../kmod/config/parse';

const textOf = (...unit: string[]) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength: 5 });

describe('matchesGlob', () => {
  it('agrees with fnmatch(3), which find(1) uses for -name', () => {
    const directory = mkdtempSync(join(tmpdir(), 'glob-'));
    try {
      const names = [...new Set(fc.sample(textOf('a', 'b', '-', '[', ']'), 150))];
      // modprobe drops a line with an unbalanced bracket; of one without a member even glibc has two opinions.
      const pattern = textOf('a', 'b', '*', '?', '[', '[', ']', ']', '-', '!').filter(
        (text) => foldName(text) !== undefined && !/\[!?\]/.test(text),
      );
      const patterns = ['\\a', 'a\\-', '\\*', 'a*\\]', ...fc.sample(pattern, 200)];
      for (const name of names) writeFileSync(join(directory, name), '');
      for (const pattern of patterns) {
        const { stdout } = spawnSync('find', [directory, '-type', 'f', '-name', pattern, '-printf', '%f\n'], {
          encoding: 'utf8',
        });
        const ours = names.filter((name) => matchesGlob(pattern, name));
        expect({ pattern, names: ours.sort() }).toEqual({
          pattern,
          names: stdout.split('\n').slice(0, -1).sort(),
        });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('takes no more than its square of steps for a pattern that was made to be slow', () => {
    expect(matchesGlob('*a'.repeat(2000) + 'b', 'a'.repeat(4000))).toBe(false);
  });

  it('does not look for the end of each bracket that has none', () => {
    const open = '[a'.repeat(100_000);
    expect(matchesGlob(`*${open}`, '[a'.repeat(2000))).toBe(false);
    expect(matchesGlob(`*[]x]${open}`, `]${'[a'.repeat(2000)}`)).toBe(false);
    expect(matchesGlob(`[]${open}`, `[]${open}`.slice(0, 4000))).toBe(false);
    expect(matchesGlob('*[]x][a[', 'a][a[')).toBe(true);
    expect(matchesGlob('[a[!]', '[a[!]')).toBe(false);
    expect(matchesGlob('[!][', '[![')).toBe(false);
  });

  it('counts the members of a bracket', () => {
    const work = { stepsLeft: 1_000_000 };
    expect(matchesGlob(`*[${'b'.repeat(100_000)}]`, 'a'.repeat(4000), work)).toBe(false);
    expect(work.stepsLeft).toBeLessThan(0);
    expect(work.stepsLeft).toBeGreaterThan(-1_000_000);
  });
});
