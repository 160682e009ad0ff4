import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archive, type ArchiveEntry } from '../../client/targets/scratch/archive';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kmod-archive-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function bytesOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of archive(entries)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

describe('an initramfs archive', () => {
  it('is unpacked by cpio to what was put in', async () => {
    const source = join(directory, 'source');
    writeFileSync(source, 'of this machine\n');
    const bytes = await bytesOf([
      { path: '/etc/a file', kind: 'text', text: 'grüße\n', mode: 0o640 },
      { path: '/init', kind: 'link', target: '/bin/busybox' },
      { path: '/deep/below/here', kind: 'file', source, mode: 0o755 },
      { path: '/tmp', kind: 'directory', mode: 0o1777 },
      { path: '/empty', kind: 'text', text: '', mode: 0o600 },
    ]);

    execFileSync('cpio', ['-idm', '--quiet'], { cwd: directory, input: bytes });

    expect(readFileSync(join(directory, 'etc/a file'), 'utf8')).toBe('grüße\n');
    expect(statSync(join(directory, 'etc/a file')).mode & 0o7777).toBe(0o640);
    expect(readlinkSync(join(directory, 'init'))).toBe('/bin/busybox');
    expect(readFileSync(join(directory, 'deep/below/here'), 'utf8')).toBe('of this machine\n');
    expect(statSync(join(directory, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(readFileSync(join(directory, 'empty'), 'utf8')).toBe('');
  });

  it('belongs to root, whoever makes it', async () => {
    const bytes = await bytesOf([{ path: '/x', kind: 'text', text: '', mode: 0o644 }]);
    const listing = execFileSync('cpio', ['-tvn', '--quiet'], { input: bytes, encoding: 'utf8' });
    expect(listing).toMatch(/^-rw-r--r-- +1 0 +0 /);
  });

  it('has the later of two entries of one path', async () => {
    const bytes = await bytesOf([
      { path: '/x', kind: 'link', target: '/y' },
      { path: '/x', kind: 'text', text: 'later', mode: 0o644 },
    ]);
    execFileSync('cpio', ['-id', '--quiet'], { cwd: directory, input: bytes });
    expect(readFileSync(join(directory, 'x'), 'utf8')).toBe('later');
  });
});
