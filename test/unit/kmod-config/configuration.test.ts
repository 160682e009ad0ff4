import { describe, expect, it } from 'vitest';
import { readConfiguration, type Configuration } from '../../../kmod/config/configuration';
import type { ConfigurationFiles, DirectoryEntry } from '../../../kmod/config/configurationFiles';
import { dumpConfiguration } from '../../../kmod/config/dump';

type Content = string | { readonly kind: 'directory' | 'missing' };

/** Files by their paths. */
function filesIn(found: Readonly<Record<string, Content>>): ConfigurationFiles {
  return {
    list(path) {
      const entries = Object.entries(found)
        .filter(([file]) => file.startsWith(`${path}/`))
        .map(([file, content]): DirectoryEntry => {
          return {
            name: file.slice(path.length + 1),
            kind: typeof content === 'string' ? 'file' : content.kind,
          };
        });
      if (entries.length > 0) return Promise.resolve({ kind: 'directory', entries });
      return Promise.resolve({ kind: path in found ? 'file' : 'missing' });
    },
    read(path) {
      const content = found[path];
      return Promise.resolve(typeof content === 'string' ? content : undefined);
    },
  };
}

function read(found: Readonly<Record<string, Content>>, kmod = 34, ...searchPaths: string[]) {
  return readConfiguration(filesIn(found), {
    kmod,
    kernelDirectory: '/lib/modules/1.0',
    ...(searchPaths.length === 0 ? {} : { searchPaths }),
  });
}

const paths = ({ files }: Configuration) => files.map(({ path }) => path);

describe('the files of a configuration', () => {
  it('come in the order of the bytes of their names, over all directories', async () => {
    const configuration = await read({
      '/lib/modprobe.d/b.conf': '',
      '/etc/modprobe.d/z.conf': '',
      '/run/modprobe.d/B.conf': '',
      '/etc/modprobe.d/é.conf': '',
    });
    expect(paths(configuration)).toEqual([
      '/run/modprobe.d/B.conf',
      '/lib/modprobe.d/b.conf',
      '/lib/modules/1.0/modules.softdep',
      '/lib/modules/1.0/modules.weakdep',
      '/etc/modprobe.d/z.conf',
      '/etc/modprobe.d/é.conf',
    ]);
  });

  it('hide those of their name in directories of less priority, even when they are empty', async () => {
    const configuration = await read({
      '/lib/modprobe.d/a.conf': 'blacklist a\n',
      '/etc/modprobe.d/a.conf': '',
    });
    expect(configuration.entries).toEqual([]);
    expect(configuration.ignored).toEqual([
      { path: '/lib/modprobe.d/a.conf', reason: { kind: 'masked', by: '/etc/modprobe.d/a.conf' } },
    ]);
  });

  it('are not those that are hidden, have another suffix, or are directories', async () => {
    const configuration = await read({
      '/etc/modprobe.d/.a.conf': '',
      '/etc/modprobe.d/a.conf.bak': '',
      '/etc/modprobe.d/d.conf': { kind: 'directory' },
    });
    expect(configuration.ignored.map(({ reason }) => reason.kind)).toEqual(['hidden', 'suffix', 'directory']);
    expect(configuration.complaints).toEqual([
      {
        reporter: 'conf_files_filter_out',
        text: 'Directories inside directories are not supported: /etc/modprobe.d/d.conf',
      },
    ]);
  });

  it.each([
    [28, '/usr/local/lib/modprobe.d/a.conf', false],
    [29, '/usr/local/lib/modprobe.d/a.conf', true],
    [31, '/usr/lib/modprobe.d/a.conf', false],
    [32, '/usr/lib/modprobe.d/a.conf', true],
    [32, '/etc/modprobe.d/a.alias', true],
    [33, '/etc/modprobe.d/a.alias', false],
    [32, '/lib/modules/1.0/modules.weakdep', false],
    [33, '/lib/modules/1.0/modules.weakdep', true],
  ])('of kmod %d: %s is one: %s', async (kmod, path, isRead) => {
    expect(paths(await read({ [path]: '' }, kmod)).includes(path)).toBe(isRead);
  });

  it('a link to nothing masks up to kmod 33', async () => {
    const found = {
      '/etc/modprobe.d/a.conf': { kind: 'missing' },
      '/lib/modprobe.d/a.conf': 'blacklist a\n',
    } as const;
    expect((await read(found, 33)).entries).toEqual([]);
    expect((await read(found, 34)).entries).toHaveLength(1);
  });

  it('are the ones that are named, under any name', async () => {
    const found = { '/etc/modprobe.d/a.conf': '', '/tmp/x': 'blacklist x\n' };
    expect(paths(await read(found, 30, '/tmp/x', '/nowhere'))).toEqual([
      '/lib/modules/1.0/modules.softdep',
      '/tmp/x',
    ]);
  });
});

describe('an entry of a configuration', () => {
  it('tells the file and the lines that it comes from', async () => {
    const { entries } = await read({ '/etc/modprobe.d/a.conf': '# a\noptions foo-bar \\\n a=1\n' });
    expect(entries).toMatchObject([
      {
        kind: 'options',
        name: 'foo_bar',
        value: ' a=1',
        origin: {
          kind: 'file',
          path: '/etc/modprobe.d/a.conf',
          statement: { line: { firstLine: 1, lastLine: 2 } },
        },
      },
    ]);
  });

  it('may come from the kernel command line', async () => {
    const { entries } = await read({
      '/proc/cmdline': 'quiet foo.bar="a b" modprobe.blacklist=x-y,z a.b.c=1\n',
    });
    expect(entries).toEqual([
      { kind: 'options', name: 'foo', value: 'bar="a b"', origin: { kind: 'kernel-command-line' } },
      { kind: 'blacklist', name: 'x-y', value: '', origin: { kind: 'kernel-command-line' } },
      { kind: 'blacklist', name: 'z', value: '', origin: { kind: 'kernel-command-line' } },
    ]);
  });
});

describe('the dump of a configuration', () => {
  it('is sorted by kind, with softdep lists glued as modprobe glues them', async () => {
    const configuration = await read({
      '/etc/modprobe.d/a.conf':
        'softdep a pre: b post: c pre: d\nweakdep a b\talias\nalias x-y z\nblacklist q\n',
    });
    expect(dumpConfiguration(configuration)).toBe(
      'blacklist q\nalias x_y z\nsoftdep a pre: b c dpost: c\nweakdep a b alias\n\n',
    );
  });
});
