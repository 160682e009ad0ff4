import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { listModules, readParameters, readSituation } from '../../client/kernel/commands';
import { loadModule } from '../../client/kernel/loadModule';
import { ModuleMonitor } from '../../client/kernel/moduleMonitor';
import { TargetModules } from '../../client/kernel/targetModules';
import { TreeCache } from '../../client/kernel/treeCache';
import { unloadModule } from '../../client/kernel/unloadModule';
import { OutputLimitError } from '../../client/targets/errors';
import { buildSample, never, useDirectory, useScratch } from './scratch';

const IMAGE = `<img/src=x/onerror=alert(1)>`;
const HOSTILE_LINES = [
  '../../x 16384 0 - Live 0x0',
  `${IMAGE} 16384 0 - Live 0x0`,
  '-f 16384 0 - Live 0x0',
  '$(reboot) 16384 0 - Live 0x0',
  'used_by_path 16384 1 ../../x, Live 0x0',
  `used_by_image 16384 1 ${IMAGE}, Live 0x0`,
  `${'long'.repeat(10_000)} 16384 0 - Live 0x0`,
  `huge ${'9'.repeat(10_000)} 0 - Live 0x0`,
  'Live Live Live Live Live',
];

/** Its programs and files say what somebody else wants them to say; the kernel below is a real one. */
describe('a hostile target', () => {
  const scratch = useScratch();
  const directory = useDirectory();
  let hello: string;
  beforeAll(async () => {
    hello = (await buildSample('hello', directory))['hello'] ?? '';
  });
  /** Puts another file where a path leads, until the test is over. */
  const replace = async (path: string, content: Uint8Array | string, mode = '644'): Promise<void> => {
    const argv = [
      'sh',
      '-c',
      'f=$(mktemp -p /run); cat > "$f"; chmod "$2" "$f"; mount --bind "$f" "$1"',
      'sh',
    ];
    const { exitCode } = await scratch.target.run([...argv, path, mode], { stdin: Buffer.from(content) });
    expect(exitCode).toBe(0);
    replaced.push(path);
  };
  const replaced: string[] = [];
  afterEach(async () => {
    for (const path of replaced.splice(0)) {
      await scratch.target.run(['umount', path]);
    }
    await scratch.shell('rmmod hello 2>/dev/null; rm -f /run/tmp.*');
  });

  it('lists in /proc/modules what is none: nothing of it is taken over', async () => {
    const real = await scratch.shell('cat /proc/modules');
    const garbage = randomBytes(200_000).toString('latin1').replaceAll('\n', '');
    await replace('/proc/modules', Buffer.from([garbage, ...HOSTILE_LINES, real].join('\n'), 'latin1'));

    const modules = await execute(scratch.target, listModules());
    const situation = await execute(scratch.target, readSituation(scratch.facts.release, 1));
    const monitor = new ModuleMonitor(
      () => scratch.target,
      () => new Set(['hello', IMAGE, '../../x']),
    );
    await monitor.refresh();
    monitor.dispose();

    expect(modules.map(({ name }) => name)).toEqual(
      real.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')[0]])),
    );
    expect(situation.modules).toEqual(modules);
    expect(monitor.snapshot?.modules).toEqual(modules);
  });

  it('does not list what it has loaded: that is not told to be loaded', async () => {
    await replace('/proc/modules', `${HOSTILE_LINES.join('\n')}\n`);
    const loading = loadModule(
      { target: scratch.target, facts: scratch.facts, file: hello, parameters: [] },
      never,
    );
    await expect(loading).rejects.toThrow('insmod reported success, but the kernel does not list hello');
    expect(await scratch.leftovers()).toBe('');
  });

  it('lists for ever: that ends at a limit, and the next command works', async () => {
    await scratch.shell('mkfifo /run/tmp.endless; (yes "x 1 0 - Live 0x0" > /run/tmp.endless 2>/dev/null &)');
    await scratch.shell('mount --bind /run/tmp.endless /proc/modules');
    replaced.push('/proc/modules');
    await expect(execute(scratch.target, listModules())).rejects.toThrow(OutputLimitError);
    expect(await scratch.shell('echo still there')).toBe('still there\n');
  });

  it('has an insmod that says what it wants: the module is told not to be loaded', async () => {
    await replace(
      '/bin/kmod',
      `#!/bin/sh\nprintf '%s\\n' '${IMAGE} [click](command:workbench.action.quit)' >&2\nexit 1\n`,
      '755',
    );
    const loading = loadModule(
      { target: scratch.target, facts: scratch.facts, file: hello, parameters: [] },
      never,
    );
    await expect(loading).rejects.toThrow(/^insmod hello: /);
    expect(await scratch.loaded('hello')).toBeUndefined();
  });

  it('is asked about nothing that can not be a module', async () => {
    for (const name of ['../../x', IMAGE, '-f', '$(reboot)', 'a b', 'a\nb', 'a\0b', '']) {
      expect(() => readParameters(name)).toThrow('is no module name');
      await expect(unloadModule({ target: scratch.target, name }, never)).rejects.toThrow(
        'is no module name',
      );
    }
  });

  it('names files in modules.dep that lead elsewhere: they are its own, and nothing is written outside', async () => {
    const { release } = scratch.facts;
    const lines = [
      `../../../etc/${IMAGE}.ko: ../../x.ko`,
      '/etc/passwd:',
      'kernel/a.ko: kernel/b.ko',
      'kernel/b.ko: kernel/a.ko',
      randomBytes(5000).toString('latin1').replaceAll('\n', ''),
    ];
    for (const file of ['dep', 'alias', 'softdep', 'symbols', 'builtin', 'builtin.modinfo', 'order']) {
      await replace(
        `/lib/modules/${release}/modules.${file}`,
        Buffer.from(`${lines.join('\n')}\n`, 'latin1'),
      );
    }
    const home = join(directory, 'home');
    const cache = join(home, 'trees');
    mkdirSync(home);
    const modules = new TargetModules({
      connected: () => ({ target: scratch.target, release: `../../${release}` }),
      cache: new TreeCache(cache),
    });
    const own = new TargetModules({
      connected: () => ({ target: scratch.target, release }),
      cache: new TreeCache(cache),
    });

    expect(await modules.names()).toEqual([]);
    const names = await own.names();
    expect(names).toContain(IMAGE.replaceAll('-', '_').split('/').at(-1));
    const tree = await own.index();
    expect(tree?.dependencies('a')).toEqual(['b']);
    expect(tree?.dependants('a')).toContain('b');
    for (const name of names) {
      await own.file(name).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    }
    expect(readdirSync(home)).toEqual(['trees']);
    expect(readdirSync(cache).every((name) => /^[0-9a-f]{64}\.tree$/.test(name))).toBe(true);
  });
});
