import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bundle } from './client';

const bundle = new Bundle();
const sysroot = join(bundle.directory, 'root');

beforeAll(async () => {
  await bundle.make();
  mkdirSync(join(sysroot, 'etc/modprobe.d'), { recursive: true });
  mkdirSync(join(sysroot, 'lib/modprobe.d'), { recursive: true });
  mkdirSync(join(sysroot, 'proc'));
  write('lib/modprobe.d/a.conf', 'blacklist masked\n');
  symlinkSync('/dev/null', join(sysroot, 'etc/modprobe.d/a.conf'));
  write('etc/modprobe.d/b.conf', 'install eth0 touch /tmp/never-run\nbogus\n');
  write('proc/cmdline', 'quiet foo.bar=1\n');
});

afterAll(() => bundle.remove());

function write(path: string, text: string): void {
  writeFileSync(join(sysroot, path), text);
}

const run = (command: string, ...argv: string[]) =>
  spawnSync(process.execPath, [bundle.cli, command, '--sysroot', sysroot, '-S', '1.0', ...argv], {
    encoding: 'utf8',
  });

describe('queries of a sysroot', () => {
  it('print the configuration as modprobe -c does, as seen from inside', () => {
    expect(run('config')).toMatchObject({
      status: 0,
      stdout: 'install eth0 touch /tmp/never-run\noptions foo bar=1\n\n',
      stderr:
        "libkmod: kmod_config_parse: /etc/modprobe.d/b.conf line 2: ignoring bad line starting with 'bogus'\n",
    });
  });

  it('read only the configuration that is named', () => {
    expect(run('config', '-C', '/lib/modprobe.d').stdout).toBe('blacklist masked\noptions foo bar=1\n\n');
  });

  it('tell an install command, and run none', () => {
    expect(run('show-depends', 'eth0', 'x=1 2')).toMatchObject({
      status: 0,
      stdout: 'install touch /tmp/never-run x="1 2"\n',
    });
  });

  it('end with 1 where modprobe does', () => {
    expect(run('resolve', 'eth1')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining(
        'modprobe: FATAL: Module eth1 not found in directory /lib/modules/1.0\n',
      ),
    });
  });

  it('answer as the kmod that is named', () => {
    write('etc/modprobe.d/c.conf', 'weakdep a b\n');
    expect(run('config', '--kmod-version', '32.0').stdout).not.toContain('weakdep');
    expect(run('config', '--kmod-version', '34.2').stdout).toContain('weakdep a b\n');
  });

  it.each([
    ['resolve', [], 'modprobe: ERROR: missing parameters. See -h.\n'],
    ['show-depends', ['-x', 'a'], "modprobe: invalid option -- 'x'\n"],
  ])('refuse %s %j as kmod does', (command, argv, stderr) => {
    expect(run(command, ...argv)).toMatchObject({ status: 1, stdout: '', stderr });
  });

  it.each([
    ['config', ['--kmod-version', 'new']],
    ['show-depends', ['--remove', 'a']],
  ])('refuse %s %j, which only we know, with exit code 2', (command, argv) => {
    const stderr = expect.stringContaining('Usage:');
    expect(run(command, ...argv)).toMatchObject({ status: 2, stdout: '', stderr });
  });

  it('take a path for a module since kmod 31', () => {
    write('lib/x-y.ko', '');
    const ask = (kmod: string) => run('show-depends', '--kmod-version', kmod, './lib/x-y.ko', 'p=1');
    expect(ask('31')).toMatchObject({ status: 0, stdout: 'insmod //./lib/x-y.ko p=1\n' });
    expect(ask('30')).toMatchObject({ status: 1, stderr: expect.stringContaining('not found in directory') });
    expect(run('resolve', '--kmod-version', '34', '/none.ko')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Failed to get module from path /none.ko: No such file or directory'),
    });
  });

  it('end quietly when nobody reads on', () => {
    write('etc/modprobe.d/long.conf', 'blacklist a\n'.repeat(100_000));
    const command = `"${process.execPath}" "${bundle.cli}" config --sysroot "${sysroot}" -S 1.0 -C /etc/modprobe.d/long.conf | head -n 1`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'blacklist a\n', stderr: '' });
  });
});
