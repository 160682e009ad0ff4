import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAFE } from '../../../../client/targets/safeDirectory';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'kmod-test-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.each([['sh'], ['bash'], ['busybox', 'sh']])('to %s %s', (program, ...args) => {
  const isSafe = (path: string): boolean =>
    execFileSync(program, [...args, '-c', `${SAFE}\nsafe "$1" && echo yes || echo no`, 'sh', path], {
      encoding: 'utf8',
    }) === 'yes\n';

  it.each([
    [0o1777, true],
    [0o0755, true],
    [0o0700, true],
    [0o1770, true],
    [0o0777, false],
    [0o0775, false],
    [0o0757, false],
  ])('a directory of the mode %o is safe: %s', (mode, safe) => {
    const path = join(base, `${program}-${mode.toString(8)}`);
    mkdirSync(path);
    chmodSync(path, mode);
    expect(isSafe(path)).toBe(safe);
    symlinkSync(path, `${path}-link`);
    expect(isSafe(`${path}-link`)).toBe(safe);
  });

  it('what is no directory is not', () => {
    expect(isSafe(join(base, 'nowhere'))).toBe(false);
    expect(isSafe('/dev/null')).toBe(false);
  });
});
