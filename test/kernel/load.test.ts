import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { listModules, readBuildIds, readParameters } from '../../client/kernel/commands';
import {
  LoadError,
  loadModule,
  reloadModule,
  type LoadResult,
  type LoadStep,
} from '../../client/kernel/loadModule';
import { unloadModule, UnloadError } from '../../client/kernel/unloadModule';
import type { Target } from '../../client/targets/target';
import { readModuleInfo } from '../../kmod/modinfo';
import { stripDebug } from '../../kmod/stripDebug';
import { buildModules, buildSample, go, never, useDirectory, useScratch, WAITS_FOR_GO } from './scratch';

const scratch = useScratch();
const directory = useDirectory();
let hello: string;
let chain: Record<string, string>;
let own: Record<string, string>;

beforeAll(async () => {
  hello = (await buildSample('hello', directory))['hello'] ?? '';
  chain = await buildSample('chain', directory);
  own = await buildModules(
    {
      no_device: { init: 'pr_err("no_device: nothing on the bus\\n"); return -ENODEV;' },
      slow: WAITS_FOR_GO,
      packable: { init: 'return data[0];', before: 'static volatile char data[100000] = { [1] = 1 };' },
      large: {
        init: 'return data[0];',
        before: `static volatile unsigned char data[] = { 0, ${randomBytes(40_000).join()} };`,
      },
      types: {
        before: `
static char a_byte = 1; module_param_named(a_byte, a_byte, byte, 0444);
static short a_short; module_param(a_short, short, 0444);
static ushort a_ushort; module_param(a_ushort, ushort, 0444);
static uint a_uint; module_param(a_uint, uint, 0444);
static long a_long; module_param(a_long, long, 0444);
static ulong a_ulong; module_param(a_ulong, ulong, 0444);
static unsigned long long a_ullong; module_param(a_ullong, ullong, 0444);
static bool an_invbool; module_param(an_invbool, invbool, 0444);
static char a_string[8]; module_param_string(a_string, a_string, sizeof(a_string), 0444);
static char *texts[3]; static int n; module_param_array(texts, charp, &n, 0444);
static int secret = 7; module_param(secret, int, 0400);`,
        init: 'return 0;',
      },
    },
    directory,
  );
});

const load = (file: string, parameters: readonly string[] = []): Promise<LoadResult> =>
  loadModule({ target: scratch.target, facts: scratch.facts, file, parameters }, never);
const unload = (name: string): Promise<unknown> => unloadModule({ target: scratch.target, name }, never);

const values = async (name: string): Promise<Record<string, string | undefined>> =>
  Object.fromEntries(
    (await execute(scratch.target, readParameters(name))).map((parameter) => [
      parameter.name,
      parameter.value,
    ]),
  );

async function failure(promise: Promise<unknown>): Promise<LoadError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LoadError);
  return error as LoadError;
}

afterEach(async () => {
  expect(await scratch.leftovers()).toBe('');
  await scratch.shell('for m in chain_top chain_base hello types slow; do rmmod $m 2>/dev/null; done; true');
});

describe('a load', () => {
  it('ends with what the kernel says of the module, and with its log lines', async () => {
    const { module, warnings, kernelLog } = await load(hello, ['count=2']);

    expect(module).toMatchObject({ name: 'hello', state: 'live', references: 0, usedBy: [] });
    expect(kernelLog.filter((line) => line.includes('hello, world'))).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  it('lists modules as the lsmod of the target does', async () => {
    await load(chain['chain_base'] ?? '');
    await load(chain['chain_top'] ?? '');

    const listed = await execute(scratch.target, listModules());

    // lsmod reads the users from sysfs, which has another order.
    const users = (text: string): string => text.split(',').sort().join(',');
    const lsmod = (await scratch.shell('lsmod')).trim().split('\n').slice(1);
    expect(
      listed.map(({ name, size, references, usedBy }) => [
        name,
        String(size),
        String(references),
        users(usedBy.join(',')),
      ]),
    ).toEqual(
      lsmod.map((line) => {
        const [name, size, references, by = ''] = line.split(/\s+/);
        return [name, size, references, users(by)];
      }),
    );
    expect(listed.find(({ name }) => name === 'chain_base')?.usedBy).toEqual(['chain_top']);
  });

  it('tells a build-id that is the one of the file', async () => {
    await load(hello);

    const ids = await execute(scratch.target, readBuildIds(['hello', 'virtio-net', 'absent']));

    expect(ids.get('hello')).toBe((await readModuleInfo(readFileSync(hello), hello)).buildId);
    expect([...ids.keys()]).toEqual(['hello', 'virtio_net']);
  });

  it('brings parameters of every type to the module', async () => {
    await load(own['types'] ?? '', [
      'a_byte=255',
      'a_short=-7',
      'a_ushort=65535',
      'a_uint=0x10',
      'a_long=-9223372036854775808',
      'a_ulong=18446744073709551615',
      'a_ullong=42',
      'an_invbool=n',
      'a_string=1234567',
      'texts=one,two,three four',
    ]);

    expect(await values('types')).toEqual({
      a_byte: '255',
      a_short: '-7',
      a_ushort: '65535',
      a_uint: '16',
      a_long: '-9223372036854775808',
      a_ulong: '18446744073709551615',
      a_ullong: '42',
      an_invbool: 'N',
      a_string: '1234567',
      texts: 'one,two,three four',
      secret: '7',
    });
  });

  it.each([
    'two words',
    "it's",
    '$(touch /tmp/executed) `touch /tmp/executed`',
    '; touch /tmp/executed #',
    'line one\nline two\n\n',
    '\ttab',
    '"quoted"',
    'a"b"c',
    'grüße ☃ à la carte',
    '-f',
    'count=9',
    '\\x41\\n',
  ])('brings the value %j to the module as it is, and executes nothing', async (value) => {
    await load(hello, [`who=${value}`]);

    expect((await values('hello'))['who']).toBe(value);
    expect((await values('hello'))['count']).toBe('1');
    expect(await scratch.shell('ls /tmp')).toBe('');
  });

  it('takes a file from a path with spaces, quotes, $(…) and a line end in it', async () => {
    const odd = join(directory, 'a "b" \'c\' $(touch executed)\n.ko');
    writeFileSync(odd, readFileSync(hello));

    expect((await load(odd)).module.name).toBe('hello');
  });

  it('warns of a parameter that the kernel ignored', async () => {
    const { warnings, module } = await load(hello, ['nonsense=1']);

    expect(module.state).toBe('live');
    expect(warnings.map(({ message }) => message)).toEqual([
      'hello has no parameter nonsense: the kernel ignored it',
    ]);
  });

  it('finds another place for the file when /tmp is read-only', async () => {
    await scratch.shell('mount -o remount,ro /tmp');
    try {
      expect((await load(hello)).module.state).toBe('live');
    } finally {
      await scratch.shell('mount -o remount,rw /tmp');
    }
  });
});

describe('a load after another on the same connection', () => {
  /** The target, with what it is asked written down. */
  function watched(): { target: Target; asked: string[] } {
    const { target } = scratch;
    const asked: string[] = [];
    return {
      asked,
      target: {
        name: target.name,
        lost: target.lost,
        run: (argv, options) => {
          asked.push(options?.what ?? argv[0] ?? '');
          return target.run(argv, options);
        },
        upload: (...args) => {
          asked.push('upload');
          return target.upload(...args);
        },
        stream: (...args) => target.stream(...args),
        dispose: () => target.dispose(),
      },
    };
  }
  const once = async ({ target }: { target: Target }, file = hello): Promise<LoadResult> => {
    const result = await loadModule({ target, facts: scratch.facts, file, parameters: [] }, never);
    await unloadModule({ target, name: result.module.name }, never);
    return result;
  };

  it('is one command, and its unload another', async () => {
    const connection = watched();
    await once(connection);
    connection.asked.length = 0;

    expect((await once(connection)).module).toMatchObject({ name: 'hello', state: 'live' });

    expect(connection.asked).toEqual(['insmod hello', 'rmmod hello']);
  });

  it('is one command for a file of 100 KB of which gzip leaves little', async () => {
    const connection = watched();
    await once(connection, own['packable'] ?? '');
    connection.asked.length = 0;

    expect((await once(connection, own['packable'] ?? '')).module.state).toBe('live');

    expect(connection.asked).toEqual(['insmod packable', 'rmmod packable']);
  });

  it('sends a large file before it, and not with it', async () => {
    const connection = watched();
    await once(connection, own['large'] ?? '');
    connection.asked.length = 0;

    expect((await once(connection, own['large'] ?? '')).module.state).toBe('live');

    expect(connection.asked).toEqual(['sh', 'upload', 'insmod large', 'rmmod large']);
  });

  it('meets a module that somebody else has loaded meanwhile', async () => {
    const connection = watched();
    await once(connection);
    await scratch.target.upload(stripDebug(readFileSync(hello)), '/tmp/theirs.ko');
    await scratch.shell('insmod /tmp/theirs.ko count=3; rm /tmp/theirs.ko');

    const error = await failure(once(connection));

    expect(error).toMatchObject({ step: 'preflight', module: { name: 'hello', state: 'live' } });
    expect(error.message).toContain('already loaded');
    expect((await values('hello'))['count']).toBe('3');
  });

  it('needs what it depends on anew', async () => {
    const connection = watched();
    await load(chain['chain_base'] ?? '');
    await once(connection, chain['chain_top']);
    await once(connection, chain['chain_top']);
    await unload('chain_base');

    const error = await failure(once(connection, chain['chain_top']));

    expect(error.message).toContain('chain_top needs chain_base');
  });
});

describe('a load that can not work', () => {
  it('stops before a byte is copied when the module is already loaded', async () => {
    await load(hello, ['count=2']);

    const error = await failure(load(hello, ['count=3']));

    expect(error).toMatchObject({ step: 'preflight', module: { name: 'hello', state: 'live' } });
    expect(error.message).toContain('already loaded');
    expect((await values('hello'))['count']).toBe('2');
  });

  it('quotes what the module said when its init function refuses a value', async () => {
    const error = await failure(load(hello, ['count=99']));

    expect(error.step).toBe('insmod');
    expect(error.message).toContain('It said: "hello: count is 99, not 1 to 10"');
    expect(error.module).toBeUndefined();
    expect(await scratch.loaded('hello')).toBeUndefined();
  });

  it('refuses a value that is none of its type before a byte is copied', async () => {
    const error = await failure(load(hello, ['count=many']));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('"many" is no int');
  });

  it('tells an init function that finds no device', async () => {
    const error = await failure(load(own['no_device'] ?? ''));

    expect(error.message).toBe(
      'insmod no_device: the init function of no_device found no device it drives (ENODEV). It said: "no_device: nothing on the bus"',
    );
  });

  it('names the module that has to be loaded first', async () => {
    const error = await failure(load(chain['chain_top'] ?? ''));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('chain_top needs chain_base');
  });

  it('refuses a module for another architecture', async () => {
    const bytes = readFileSync(hello);
    bytes.writeUInt16LE(183, 18);
    const file = join(directory, 'arm.ko');
    writeFileSync(file, bytes);

    const error = await failure(load(file));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('is built for aarch64, the target is x86_64');
  });

  it.each([
    ['a text file', (): Buffer => Buffer.from('#!/bin/sh\necho no module\n')],
    ['an empty file', (): Buffer => Buffer.alloc(0)],
    ['the first half of a module', (): Buffer => readFileSync(hello).subarray(0, 60_000)],
  ])('refuses %s', async (_, content) => {
    const file = join(directory, 'broken.ko');
    writeFileSync(file, content());

    const error = await failure(load(file));

    expect(error).toMatchObject({ step: 'read' });
    expect(error.message).toContain(`${file} can not be loaded`);
  });

  it('says that a file does not exist', async () => {
    expect((await failure(load('/nowhere/x.ko'))).message).toContain('no such file');
  });

  it('refuses a value that the kernel’s syntax can not carry', async () => {
    const error = await failure(load(hello, ['who=one " two']));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('double quotes');
  });
});

describe('a reload', () => {
  const reload = (file: string, parameters: readonly string[] = []): Promise<LoadResult> =>
    reloadModule({ target: scratch.target, facts: scratch.facts, file, parameters }, never);

  it('replaces a module that is loaded', async () => {
    await load(hello, ['count=2']);

    await reload(hello, ['count=3']);

    expect((await values('hello'))['count']).toBe('3');
  });

  it('loads a module that is not loaded', async () => {
    expect((await reload(hello)).module.state).toBe('live');
  });

  it('leaves the old one loaded when the new one can not work', async () => {
    await load(hello, ['count=2']);
    const file = join(directory, 'broken.ko');
    writeFileSync(file, 'broken');

    await expect(reload(file)).rejects.toThrow('can not be loaded');
    await expect(reload(hello, ['count=x'])).rejects.toThrow('is no int');

    expect((await values('hello'))['count']).toBe('2');
  });

  it('leaves a module alone that another one uses', async () => {
    await load(chain['chain_base'] ?? '');
    await load(chain['chain_top'] ?? '');

    await expect(reload(chain['chain_base'] ?? '')).rejects.toThrow(
      'chain_base is used by chain_top; unload that first',
    );
    expect(await scratch.loaded('chain_base')).toMatchObject({ state: 'live' });
  });
});

describe('an unload', () => {
  it('ends when the kernel does not list the module any more, with its last words', async () => {
    await load(hello);

    const { kernelLog } = await unloadModule({ target: scratch.target, name: 'hello', withLog: true }, never);

    expect(kernelLog.join('\n')).toContain('hello: goodbye, world');
    expect(await scratch.loaded('hello')).toBeUndefined();
  });

  it('says who holds a module', async () => {
    await load(chain['chain_base'] ?? '');
    await load(chain['chain_top'] ?? '');

    await expect(unload('chain-base')).rejects.toThrow('chain_base is used by chain_top; unload that first');
    await unload('chain_top');
    await unload('chain_base');

    expect(await scratch.loaded('chain_base')).toBeUndefined();
  });

  it('says that a module is not loaded', async () => {
    await expect(unload('hello')).rejects.toThrow(new UnloadError('hello is not loaded on scratch'));
  });

  it.each(['-f', '--force', 'a b', '$(touch /tmp/executed)', '../x', ''])(
    'takes %j for no module name, and runs nothing',
    async (name) => {
      await load(hello);

      await expect(unload(name)).rejects.toThrow('is no module name');

      expect(await scratch.loaded('hello')).toBeDefined();
    },
  );
});

describe('a cancellation', () => {
  it.each<LoadStep>(['build', 'preflight', 'upload', 'insmod'])(
    'at the step %s leaves neither the file nor the module',
    async (at) => {
      const controller = new AbortController();
      const reason = new Error('cancelled by the test');
      const cancelled = loadModule(
        {
          target: scratch.target,
          facts: scratch.facts,
          file: hello,
          parameters: [],
          build: () => Promise.resolve(),
          report: (_, step) => {
            if (step === at) {
              controller.abort(reason);
            }
          },
        },
        controller.signal,
      );

      await expect(cancelled).rejects.toBe(reason);

      expect(await scratch.leftovers()).toBe('');
      expect(await scratch.loaded('hello')).toBeUndefined();
    },
  );

  it('while init runs tells what the kernel says: it goes on', async () => {
    const controller = new AbortController();
    const begun = scratch.whenLogged('insmod slow');
    const loading = loadModule(
      { target: scratch.target, facts: scratch.facts, file: own['slow'] ?? '', parameters: [] },
      controller.signal,
    );
    const failed = failure(loading);
    await begun;

    controller.abort(new Error('cancelled by the test'));

    const error = await failed;
    expect(error.message).toMatch(
      /^insmod slow: cancelled, but the kernel says that slow is loading: its init function has not returned/,
    );
    expect(await scratch.leftovers()).toBe('');
    await go(scratch.target, 'slow');
    await expect.poll(() => scratch.loaded('slow')).toMatchObject({ state: 'live' });
  });
});
