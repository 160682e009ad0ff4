import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendWhole } from '../../../../client/targets/appendWhole';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kmod-test-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

it('makes the file, its owner’s alone, and its directory', async () => {
  const file = join(base, '.ssh', 'known_hosts');
  await appendWhole(file, 'a\n');
  await appendWhole(file, 'b\n');
  expect(readFileSync(file, 'utf8')).toBe('a\nb\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('begins a line of its own', async () => {
  const file = join(base, 'known_hosts');
  writeFileSync(file, 'cut');
  await appendWhole(file, 'whole\n');
  expect(readFileSync(file, 'utf8')).toBe('cut\nwhole\n');
});

it('tells of a full disk', async () => {
  await expect(appendWhole('/dev/full', 'a\n')).rejects.toThrow(/ENOSPC/);
});
