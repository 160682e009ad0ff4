import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bundle, Client } from './client';

/** Starts a program that may read no more than its user may: root without the rights that let it read everything. */
const ORDINARY_USER =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'] : [];

const bundle = new Bundle();
let root: string;

beforeAll(() => bundle.make());
afterAll(() => bundle.remove());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unreadable-'));
});
afterEach(() => {
  run('chmod', '-R', 'u+rwx', root);
  rmSync(root, { recursive: true, maxRetries: 5 });
});

function write(path: string, text: string): string {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  return place;
}

function close(path: string): string {
  const place = join(root, path);
  chmodSync(place, 0);
  return place;
}

function run(...argv: readonly string[]) {
  const [command = '', ...rest] = argv;
  const { status, stdout, stderr } = spawnSync(command, rest, {
    encoding: 'utf8',
    cwd: root,
    env: { PATH: '/usr/bin:/usr/sbin:/bin:/sbin', LC_ALL: 'C' },
  });
  return { status, stdout, stderr };
}

const asOrdinaryUser = (...argv: readonly string[]) => run(...ORDINARY_USER, ...argv);
const ours = (...argv: readonly string[]) => asOrdinaryUser(process.execPath, bundle.cli, ...argv);

it('what is closed here is closed indeed', () => {
  write('a', 'x');
  close('a');
  expect(asOrdinaryUser('cat', 'a')).toMatchObject({ status: 1, stderr: 'cat: a: Permission denied\n' });
});

describe('config', () => {
  beforeEach(() => {
    write('open/a.conf', 'blacklist a\n');
    write('open/b.conf', 'blacklist b\n');
    write('closed/c.conf', 'blacklist c\n');
    write('unlisted/d.conf', 'blacklist d\n');
    close('open/b.conf');
    close('closed');
    chmodSync(join(root, 'unlisted'), 0o300);
  });

  it.each([
    ['a file in a directory', ['open']],
    ['a directory', ['closed']],
    ['one of some directories', ['open', 'closed']],
    ['a file that is named', ['open/b.conf']],
    ['a file in a directory that cannot be entered', ['closed/c.conf']],
    ['the names in a directory', ['unlisted']],
    ['the names beside a file that is named', ['unlisted/d.conf']],
  ])('prints what modprobe prints where it may not read %s', (_what, paths) => {
    const argv = ['-S', 'none', ...paths.flatMap((path) => ['-C', path])];
    const theirs = asOrdinaryUser('modprobe', ...argv, '-c');
    const [configuration = ''] = theirs.stdout.split('# End of configuration files');
    expect(ours('config', ...argv)).toEqual({
      status: theirs.status,
      stdout: configuration,
      // Builds with debugging messages tell the place in the source as well.
      stderr: theirs.stderr.replace(/ERROR \S+:\d+ /g, ''),
    });
  });
});

describe('check and format', () => {
  it('name what they may not read, as other tools do, and go on', () => {
    write('modprobe.d/a.conf', 'bogus\n');
    write('modprobe.d/b.conf', 'bogus\n');
    write('closed/modprobe.d/c.conf', 'bogus\n');
    close('modprobe.d/a.conf');
    close('closed');
    const { status, stdout, stderr } = ours('check', 'modprobe.d', 'closed', 'closed/modprobe.d/c.conf');
    expect(status).toBe(1);
    expect(stdout).toContain('modprobe.d/b.conf:1:1: error:');
    expect(stderr.split('\n').filter((line) => line.startsWith('kmod-language-server: '))).toEqual([
      `kmod-language-server: ${join(root, 'modprobe.d/a.conf')}: Permission denied`,
      // For what is read with the other file.
      `kmod-language-server: ${join(root, 'modprobe.d/a.conf')} is skipped: it cannot be read`,
      `kmod-language-server: ${join(root, 'closed')}: Permission denied`,
      `kmod-language-server: ${join(root, 'closed/modprobe.d/c.conf')}: Permission denied`,
    ]);
    expect(ours('format', '--check', 'modprobe.d/a.conf')).toEqual({
      status: 1,
      stdout: '',
      stderr: `kmod-language-server: ${join(root, 'modprobe.d/a.conf')}: Permission denied\n`,
    });
  });

  it.each([
    ['lib/modules/1.0/kernel/a.ko', 'cannot read a of .* \\(kernel 1.0\\): .*/a.ko: Permission denied'],
    ['lib/modules/1.0/modules.dep', 'cannot read the list of modules of .*/modules.dep: Permission denied'],
    ['lib/modules/1.0', '/lib/modules/1.0/modules.dep: Permission denied'],
    ['lib/modules', '/lib/modules(/.*/modules.dep)?: Permission denied'],
  ])('say that %s is closed, and call nothing unknown by it', (path, message) => {
    write('lib/modules/1.0/modules.dep', 'kernel/a.ko:\n');
    write('lib/modules/1.0/kernel/a.ko', '');
    const file = write('etc/modprobe.d/x.conf', 'options a b=1\n');
    close(path);
    const { status, stdout, stderr } = ours('check', '--sysroot', root, '-S', '1.0', file);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^kmod-language-server: .*${message}\n$`));
  });
});

describe('the server', () => {
  it('goes on without what it may not read, and says what that is', async () => {
    write('etc/modprobe.d/a.conf', 'blacklist a\n');
    write('run/modprobe.d/a.conf', 'blacklist a\n');
    write('lib/modprobe.d/b.conf', 'blacklist b\n');
    write('lib/modules/1.0/modules.dep', 'kernel/a.ko:\n');
    close('run/modprobe.d');
    close('lib/modprobe.d/b.conf');
    close('lib/modules/1.0/modules.dep');
    const client = new Client([bundle.server, '--stdio'], {
      settings: { sysroot: root },
      launcher: ORDINARY_USER,
    });
    await client.initialize();
    const text = 'blacklist a\nblacklist b\n';
    const uri = pathToFileURL(write('etc/modprobe.d/z.conf', text)).href;
    await client.open(uri, text);
    await client.until(async () => (await client.codesIn(uri)).includes('duplicate-entry'));
    expect(client.log.filter((message) => !message.startsWith('cannot read the list')).sort()).toEqual([
      `${root}/lib/modprobe.d/b.conf is skipped: it cannot be read`,
      `${root}/run/modprobe.d is skipped: Permission denied`,
    ]);
    expect(client.log.join('\n')).toContain(`${root}/lib/modules/1.0/modules.dep: Permission denied`);
    expect(await client.stop()).toBe(0);
  });
});

describe('files that come and go while they are read', () => {
  it('are read or not, and nothing else happens', async () => {
    for (let index = 0; index < 50; index++) write(`conf/${index}.conf`, `blacklist m${index}\n`);
    // Another process, so that they come and go at any time.
    const churn = 'while :; do for f in conf/*.conf; do mv $f $f.away; mv $f.away $f; done; done';
    const other = spawn('sh', ['-c', churn], { cwd: root, stdio: 'ignore' });
    const answers = Array.from({ length: 10 }, () => ours('config', '-S', 'none', '-C', 'conf'));
    const ended = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await ended;
    for (const { status, stdout, stderr } of answers) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const read = stdout.split('\n').filter((line) => line.startsWith('blacklist'));
      expect(read.length).toBeGreaterThan(0);
      expect(read.every((line) => /^blacklist m\d+$/.test(line))).toBe(true);
    }
    expect(answers.some(({ stdout }) => stdout !== answers[0]?.stdout)).toBe(true);
  });
});
