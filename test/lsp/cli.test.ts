import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bundle } from './client';

const bundle = new Bundle();

beforeAll(async () => {
  await bundle.make();
  mkdirSync(join(bundle.directory, 'etc/modprobe.d/deep'), { recursive: true });
  write('etc/modprobe.d/good.conf', 'blacklist foo\n');
  write('etc/modprobe.d/bad.conf', '# 😀\n  # late\nbogus x\n');
  write('etc/modprobe.d/README', 'bogus\n');
  write('etc/other.conf', 'bogus\n');
});

afterAll(() => bundle.remove());

function write(path: string, text: string): void {
  writeFileSync(join(bundle.directory, path), text);
}

const run = (...argv: string[]) =>
  spawnSync(process.execPath, [bundle.cli, ...argv], { cwd: bundle.directory, encoding: 'utf8' });

describe('kmod-language-server format', () => {
  it('names the files that it changes, and changes only blanks', () => {
    mkdirSync(join(bundle.directory, 'messy/modprobe.d'), { recursive: true });
    const path = 'messy/modprobe.d/a.conf';
    const before = Buffer.from('alias  a \tb\r\n# \xe9  \nblacklist  c \n', 'latin1');
    writeFileSync(join(bundle.directory, path), before);
    expect(run('format', '--check', 'messy')).toMatchObject({ status: 1, stdout: `${path}\n` });
    expect(readFileSync(join(bundle.directory, path))).toEqual(before);
    expect(run('format', 'messy')).toMatchObject({ status: 0, stdout: `${path}\n` });
    expect(readFileSync(join(bundle.directory, path), 'latin1')).toBe('alias a b\r\n# \xe9\nblacklist c\n');
    expect(run('format', '--check', 'messy')).toMatchObject({ status: 0, stdout: '' });
  });

  it('ends with 1 for a path that cannot be read, and with 2 for none', () => {
    expect(run('format', 'nowhere')).toMatchObject({ status: 1 });
    expect(run('format')).toMatchObject({ status: 2 });
  });
});

describe('kmod-language-server check', () => {
  it('prints what is wrong with the files that kmod reads below a directory, and ends with 1', () => {
    const { status, stdout } = run('check', 'etc');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^etc\/modprobe\.d\/bad\.conf:2:3: warning: .* \[indented-comment\]$/),
      expect.stringMatching(/^etc\/modprobe\.d\/bad\.conf:3:1: error: .* \[unknown-command\]$/),
      '',
    ]);
    expect(status).toBe(1);
  });

  it('ends with 0 when there is no error', () => {
    expect(run('check', 'etc/modprobe.d/good.conf')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('checks a file that is named, whatever its name', () => {
    expect(run('check', 'etc/other.conf').stdout).toContain('[unknown-command]');
  });

  it('prints JSON', () => {
    const { stdout } = run('check', '--format', 'json', 'etc/modprobe.d/bad.conf');
    expect(JSON.parse(stdout)).toMatchObject([
      { file: 'etc/modprobe.d/bad.conf', severity: 'warning', code: 'indented-comment' },
      {
        severity: 'error',
        code: 'unknown-command',
        range: { start: { line: 2, character: 0 }, end: { line: 2, character: 5 } },
      },
    ]);
  });

  it('goes on behind a path that cannot be read, and ends with 1', () => {
    const { status, stdout, stderr } = run('check', 'nowhere', 'etc/modprobe.d/bad.conf');
    expect(stderr).toContain('nowhere');
    expect(stdout).toContain('[unknown-command]');
    expect(status).toBe(1);
  });
});

describe('kmod-language-server', () => {
  it('tells its version and its use', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
    expect(run('--help').stdout).toContain('Usage:');
  });

  it('refuses what it does not know with exit code 2', () => {
    for (const argv of [
      [],
      ['frobnicate'],
      ['check'],
      ['check', '--nope', 'x'],
      ['check', '--format', 'xml', 'x'],
    ]) {
      expect(run(...argv)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('Usage:'),
      });
    }
  });

  it('says which module it does not find', () => {
    const { status, stderr } = run('modinfo', 'no_such_module');
    expect(stderr).toContain('no_such_module');
    expect(status).toBe(1);
  });
});
