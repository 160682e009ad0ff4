import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bundle } from './client';

const bundle = new Bundle();

beforeAll(async () => {
  await bundle.make();
  mkdirSync(join(bundle.directory, 'etc/modprobe.d/deep'), { recursive: true });
  write('etc/modprobe.d/good.conf', '# nothing\n');
  write('etc/modprobe.d/bad.conf', '# 😀\n  # late\nbogus x\n');
  write('etc/modprobe.d/README', 'bogus\n');
  write('etc/other.conf', 'bogus\n');
});

afterAll(() => bundle.remove());

function write(path: string, text: string): void {
  mkdirSync(dirname(join(bundle.directory, path)), { recursive: true });
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

describe('kmod-language-server check --format', () => {
  const bad = 'etc/modprobe.d/bad.conf';

  it('github prints workflow commands', () => {
    write('etc/modprobe.d/100%,a:b.conf', 'bogus\n');
    const { stdout } = run('check', '--format', 'github', 'etc/modprobe.d/100%,a:b.conf');
    expect(stdout).toMatch(
      /^::error file=etc\/modprobe\.d\/100%25%2Ca%3Ab\.conf,line=1,endLine=1,col=1,endColumn=6,title=unknown-command::.*\n$/,
    );
    rmSync(join(bundle.directory, 'etc/modprobe.d/100%,a:b.conf'));
  });

  it('sarif prints a log whose results name rules and relative files', () => {
    const log = JSON.parse(run('check', '--format', 'sarif', bad).stdout) as {
      readonly runs: readonly [{ readonly results: readonly { readonly ruleIndex: number }[] }];
    };
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              rules: [
                {
                  id: 'indented-comment',
                  shortDescription: { text: '`#` starts a comment only in column 1.' },
                  help: { markdown: expect.stringContaining('## How to fix') },
                  defaultConfiguration: { level: 'warning' },
                },
                { id: 'unknown-command', defaultConfiguration: { level: 'error' } },
              ],
            },
          },
          columnKind: 'utf16CodeUnits',
          originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(bundle.directory).href}/` } },
          results: [
            { ruleId: 'indented-comment', level: 'warning', ruleIndex: 0 },
            {
              ruleId: 'unknown-command',
              ruleIndex: 1,
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: bad, uriBaseId: 'SRCROOT' },
                    region: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 6 },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    // Whoever reads the log has none of our files.
    expect(JSON.stringify(log)).not.toContain('helpUri');
  });
});

describe('kmod-language-server check', () => {
  it('knows the files that are read with a file, and what masks it', () => {
    write('root/etc/modprobe.d/a.conf', 'blacklist a\n');
    write('root/lib/modprobe.d/a.conf', 'blacklist c\n');
    write('root/lib/modprobe.d/b.conf', 'blacklist a\n');
    const codes = (...argv: string[]) =>
      (JSON.parse(run('check', '--format', 'json', ...argv).stdout) as Record<string, unknown>[]).map(
        ({ file, code }) => [file, code],
      );
    const expected = [
      ['root/lib/modprobe.d/a.conf', 'file-masked'],
      ['root/lib/modprobe.d/b.conf', 'duplicate-entry'],
    ];
    expect(codes('--severity', 'unknown-module=off', 'root/lib')).toEqual(expected);
    expect(codes('--sysroot', 'root', '/lib')).toEqual(
      expected.map(([file = '', code]) => [file.slice('root'.length), code]),
    );
  });

  it('knows the modules of a sysroot', () => {
    const names = Array.from({ length: 30 }, (_, index) => `hello${index}`);
    write('known/lib/modules/1.0/modules.dep', names.map((name) => `kernel/${name}.ko:\n`).join(''));
    write(
      'known/etc/modprobe.d/a.conf',
      [...names, 'no1', 'no2'].map((name) => `blacklist ${name}\n`).join(''),
    );
    for (const name of names) write(`known/lib/modules/1.0/kernel/${name}.ko`, '');
    const { stdout, stderr } = run('check', '--sysroot', 'known', '-S', '1.0', 'known/etc');
    expect(stdout.match(/'[^']*' in kernel \S+/g)).toEqual(["'no1' in kernel 1.0", "'no2' in kernel 1.0"]);
    expect(stderr).not.toContain('Warning');
  });

  it('checks the C sources of modules', () => {
    write('driver/Kbuild', 'obj-m := hello.o\n');
    write('driver/hello.c', 'MODULE_DESCRIPTION("x");\n');
    write('driver/other.c', 'int nothing;\n');
    const { stdout, status } = run('check', 'driver');
    expect(stdout).toMatch(/^driver\/hello\.c:\d+:\d+: error: .* \[missing-license\]\n$/);
    expect(status).toBe(1);
  });

  it('takes severities', () => {
    const bad = 'etc/modprobe.d/bad.conf';
    const { stdout, status } = run(
      ...['check', '--severity', 'unknown-command=hint', '--severity', 'indented-comment=off', bad],
    );
    expect(stdout).toMatch(/^[^\n]*:3:1: hint: [^\n]* \[unknown-command\]\n$/);
    expect(status).toBe(0);
    for (const wrong of ['unknown-command', 'unknown-command=bad', 'nothing=off']) {
      expect(run('check', '--severity', wrong, bad)).toMatchObject({ status: 2, stdout: '' });
    }
  });
});

describe('kmod-language-server as a Unix tool', () => {
  const shell = (script: string) =>
    spawnSync('/bin/bash', ['-c', script], {
      cwd: bundle.directory,
      encoding: 'utf8',
      env: { ...process.env, CLI: `${process.execPath} ${bundle.cli}` },
    });

  it('skips devices and pipes, and says so', () => {
    spawnSync('mkfifo', [join(bundle.directory, 'pipe')]);
    for (const path of ['/dev/zero', 'pipe', '/dev/full']) {
      for (const command of ['check', 'format']) {
        expect(run(command, path)).toMatchObject({
          status: 1,
          stdout: '',
          stderr: `kmod-language-server: ${path}: skipped, it is no regular file\n`,
        });
      }
    }
    expect(run('check', '/dev/null')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('tells of a directory in which there is nothing to look at', () => {
    write('empty/etc/dummy.conf', 'bogus\n');
    for (const command of ['check', 'format']) {
      const stderr =
        'kmod-language-server: empty: holds no *.conf of a directory modprobe.d, depmod.d or modules-load.d\n';
      expect(run(command, 'empty')).toMatchObject({ status: 0, stdout: '', stderr });
    }
  });

  it('follows no links in circles', () => {
    mkdirSync(join(bundle.directory, 'circle/modprobe.d'), { recursive: true });
    symlinkSync('..', join(bundle.directory, 'circle/modprobe.d/up'));
    symlinkSync('b.conf', join(bundle.directory, 'circle/modprobe.d/a.conf'));
    symlinkSync('a.conf', join(bundle.directory, 'circle/modprobe.d/b.conf'));
    const { status, stderr } = run('check', 'circle');
    expect(stderr.match(/Too many symbolic links/g)).toHaveLength(2);
    expect(status).toBe(1);
  });

  it('skips a file that is too large, and says so', () => {
    write('huge.conf', '');
    truncateSync(join(bundle.directory, 'huge.conf'), 100 << 20);
    for (const command of ['check', 'format']) {
      const stderr = expect.stringContaining('huge.conf: skipped, 104857600 bytes');
      expect(run(command, 'huge.conf')).toMatchObject({ status: 1, stdout: '', stderr });
    }
  });

  it('writes all of its output to a slow reader, and ends as by SIGPIPE when that goes away', () => {
    const options = `${'x'.repeat(1 << 20)}\n`;
    write('slow.conf', `options a ${options}`.repeat(120));
    const config = '$CLI config --sysroot . -C /slow.conf';
    const all = shell(`${config} | (sleep 1; wc -c)`);
    expect(Number(all.stdout)).toBe(120 * ('options a '.length + options.length) + 1);
    const cut = shell(`${config} | head -c 10; echo " \${PIPESTATUS[0]}"`);
    expect(cut).toMatchObject({ stdout: 'options a  141\n', stderr: '' });
  });

  it('needs no stdin, and tells when it can not write', () => {
    expect(shell('$CLI config --sysroot etc <&-')).toMatchObject({ status: 0, stdout: '\n', stderr: '' });
    const full = shell('$CLI config --sysroot etc > /dev/full');
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(/^kmod-language-server: cannot write the output: .*ENOSPC.*\n$/);
  });

  it('takes what stands behind -- for a path', () => {
    write('-x.conf', 'bogus\n');
    expect(run('check', '--', '-x.conf').stdout).toContain('-x.conf:1:1: error');
  });

  it('suggests a command', () => {
    expect(run('show-depend', 'x').stderr).toContain(
      'no such command: show-depend (did you mean show-depends?)',
    );
  });

  it('runs nothing that a configuration names', () => {
    const witness = join(bundle.directory, 'witness');
    write('trap/etc/modprobe.d/a.conf', `install a touch ${witness}\nremove a touch ${witness}\n`);
    for (const argv of [['config'], ['show-depends', 'a'], ['resolve', 'a'], ['modinfo', 'a']]) {
      run(...argv, '--sysroot', 'trap');
    }
    run('check', 'trap');
    expect(existsSync(witness)).toBe(false);
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
