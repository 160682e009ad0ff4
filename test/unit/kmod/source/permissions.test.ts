import { describe, expect, it } from 'vitest';
import { formatPermissions, octal, permissionsOf, refusalOf } from '../../../../kmod/source/permissions';

describe('permissions in C', () => {
  it.each([
    ['0644', 0o644],
    ['0', 0],
    ['420', 420],
    ['0x1a4', 0o644],
    ['0b110100100', 0o644],
    ['-1', -1],
    ['S_IRUGO | S_IWUSR', 0o644],
    ['(S_IRUSR | S_IWUSR) + S_IRGRP', 0o640],
    ['S_IRWXUGO', 0o777],
    ['MY_MODE', undefined],
    ['0644 & mask', undefined],
    ['089', undefined],
    ['', undefined],
  ])('%j is %j', (text, value) => {
    expect(permissionsOf(text)).toBe(value);
  });

  it('are printed as ls and C do', () => {
    expect([0o644, 0o700, 0].map(formatPermissions)).toEqual(['rw-r--r--', 'rwx------', '---------']);
    expect([0o644, 0o40, 0].map(octal)).toEqual(['0644', '0040', '0']);
  });

  it('are refused when they are out of range, or give others more than the owner', () => {
    expect([0, 0o444, 0o644, 0o755, 0o200, 0o660].map(refusalOf)).toEqual(Array(6).fill(undefined));
    expect(
      [0o666, 0o646, 0o004, 0o040, 0o020, 0o1000, -1, 644].map((value) => typeof refusalOf(value)),
    ).toEqual(Array(8).fill('string'));
  });
});
