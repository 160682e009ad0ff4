import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appendLines } from '../../../../engine/files/appendLines';
import { NotARegularFileError } from '../../../../engine/files/fileErrors';

const directory = mkdtempSync(join(tmpdir(), 'append-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('lines that are added', () => {
  it('make the file and its directory, for their owner alone', async () => {
    const file = join(directory, 'new/known_hosts');
    await appendLines(file, 'a\n');
    expect([statSync(file).mode & 0o777, statSync(join(directory, 'new')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
  });

  it('end a line that has no end first', async () => {
    const file = join(directory, 'open');
    writeFileSync(file, 'a');
    await appendLines(file, 'b\n');
    await appendLines(file, 'c\n');
    expect(readFileSync(file, 'latin1')).toBe('a\nb\nc\n');
  });

  it('are not waited for where the file is a FIFO', async () => {
    const file = join(directory, 'fifo');
    execFileSync('mkfifo', [file]);
    await expect(appendLines(file, 'a\n')).rejects.toThrow(NotARegularFileError);
  });

  it('are added whole or not at all', async () => {
    await expect(appendLines('/dev/full', 'a\n')).rejects.toThrow(NotARegularFileError);
  });
});
