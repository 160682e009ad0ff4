import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedKmodVersion, versionOfProgram } from '../../../server/installedKmod';
import { installedKmod } from '../kmod-config/kmodOracle';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'kmod-version-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const program = (content: string): string => {
  const file = join(directory, 'modprobe');
  writeFileSync(file, Buffer.from(content, 'latin1'));
  return file;
};

describe('the kmod of this machine', () => {
  it('is told by its file as by modprobe --version', async () => {
    expect(await installedKmodVersion()).toBe(installedKmod);
  });

  it.each([
    ['\x7fELF\0\0usage\0kmod version 34.2\0+ZSTD +XZ\0', 34],
    ['\0kmod version 9\0', 9],
    ['\x7fELF\0BusyBox v1.35.0\0modprobe\0', undefined],
    ['the kmod version 30 is not at the start of a text', undefined],
    ['', undefined],
  ])('is, of %j, %s', async (content, version) => {
    expect(await versionOfProgram(program(content))).toBe(version);
  });

  it.each(['/dev/zero', '/proc/self/pagemap', '/'])('is not read from %s', async (target) => {
    const link = join(directory, 'link');
    symlinkSync(target, link);
    expect(await versionOfProgram(link)).toBeUndefined();
  });

  it('is not waited for where a FIFO stands', async () => {
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    expect(await versionOfProgram(join(directory, 'fifo'))).toBeUndefined();
  });

  it('is none where there is no modprobe', async () => {
    expect(await versionOfProgram(undefined)).toBeUndefined();
    expect(await versionOfProgram(join(directory, 'nowhere'))).toBeUndefined();
  });
});
