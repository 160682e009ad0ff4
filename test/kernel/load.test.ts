import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { listModules, readBuildIds } from '../../client/kernel/commands';
import { loadModule, type LoadStep } from '../../client/kernel/loadModule';
import { readModuleInfo } from '../../kmod/modinfo';
import { like, loadFailure, useLoading } from './loading';
import { buildModules, go, never, WAITS_FOR_GO } from './scratch';

const { scratch, directory, samples, load, values } = useLoading(['types', 'slow']);
let own: Record<string, string>;

beforeAll(async () => {
  own = await buildModules(
    {
      no_device: { init: 'pr_err("no_device: nothing on the bus\\n"); return -ENODEV;' },
      slow: WAITS_FOR_GO,
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

describe('a load', () => {
  it('ends with what the kernel says of the module, and with its log lines', async () => {
    const { module, warnings, kernelLog } = await load(samples.hello, ['count=2']);

    expect(module).toMatchObject({ name: 'hello', state: 'live', references: 0, usedBy: [] });
    expect(kernelLog.filter((line) => line.includes('hello, world'))).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  it('lists modules as the lsmod of the target does', async () => {
    await load(samples.base);
    await load(samples.top);

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
    await load(samples.hello);

    const ids = await execute(scratch.target, readBuildIds(['hello', 'virtio-net', 'absent']));

    expect(ids.get('hello')).toBe((await readModuleInfo(readFileSync(samples.hello), samples.hello)).buildId);
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
    await load(samples.hello, [`who=${value}`]);

    expect((await values('hello'))['who']).toBe(value);
    expect((await values('hello'))['count']).toBe('1');
    expect(await scratch.shell('ls /tmp')).toBe('');
  });

  it('takes a file from a path with spaces, quotes, $(…) and a line end in it', async () => {
    const odd = join(directory, 'a "b" \'c\' $(touch executed)\n.ko');
    writeFileSync(odd, readFileSync(samples.hello));

    expect((await load(odd)).module.name).toBe('hello');
  });

  it('warns of a parameter that the kernel ignored', async () => {
    const { warnings, module } = await load(samples.hello, ['nonsense=1']);

    expect(module.state).toBe('live');
    expect(warnings.map(({ message }) => message)).toEqual([
      'hello has no parameter nonsense: the kernel ignored it',
    ]);
  });

  it('finds another place for the file when /tmp is read-only', async () => {
    await scratch.shell('mount -o remount,ro /tmp');
    try {
      expect((await load(samples.hello)).module.state).toBe('live');
    } finally {
      await scratch.shell('mount -o remount,rw /tmp');
    }
  });
});

describe('a load that can not work', () => {
  it('stops before a byte is copied when the module is already loaded', async () => {
    await load(samples.hello, ['count=2']);

    const error = await loadFailure(load(samples.hello, ['count=3']));

    expect(error).toMatchObject({ step: 'preflight', module: { name: 'hello', state: 'live' } });
    expect(error.message).toContain('already loaded');
    expect((await values('hello'))['count']).toBe('2');
  });

  it('quotes what the module said when its init function refuses a value', async () => {
    const error = await loadFailure(load(samples.hello, ['count=99']));

    expect(error.step).toBe('insmod');
    expect(error.message).toContain('It said: "hello: count is 99, not 1 to 10"');
    expect(error.module).toBeUndefined();
    expect(await scratch.loaded('hello')).toBeUndefined();
  });

  it('refuses a value that is none of its type before a byte is copied', async () => {
    const error = await loadFailure(load(samples.hello, ['count=many']));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('"many" is no int');
  });

  it('tells an init function that finds no device', async () => {
    const error = await loadFailure(load(own['no_device'] ?? ''));

    expect(error.message).toBe(
      'insmod no_device: the init function of no_device found no device it drives (ENODEV). It said: "no_device: nothing on the bus"',
    );
  });

  it('names the module that has to be loaded first', async () => {
    const error = await loadFailure(load(samples.top));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('chain_top needs chain_base');
  });

  it('refuses a module for another architecture', async () => {
    const bytes = readFileSync(samples.hello);
    bytes.writeUInt16LE(183, 18);
    const file = join(directory, 'arm.ko');
    writeFileSync(file, bytes);

    const error = await loadFailure(load(file));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain('is built for aarch64, the target is x86_64');
  });

  it.each([
    ['a text file', (): Buffer => Buffer.from('#!/bin/sh\necho no module\n')],
    ['an empty file', (): Buffer => Buffer.alloc(0)],
    ['the first half of a module', (): Buffer => readFileSync(samples.hello).subarray(0, 60_000)],
  ])('refuses %s', async (_, content) => {
    const file = join(directory, 'broken.ko');
    writeFileSync(file, content());

    const error = await loadFailure(load(file));

    expect(error).toMatchObject({ step: 'read' });
    expect(error.message).toContain(`${file} can not be loaded`);
  });

  it('says that a file does not exist', async () => {
    expect((await loadFailure(load('/nowhere/x.ko'))).message).toContain('no such file');
  });

  it.each([
    ['a value that the kernel’s syntax can not carry', 'who=one " two', 'double quotes'],
    ['a value with a NUL', 'who=one\0two', 'can not hold a NUL'],
    ['a name with a line end', 'who\nwho=one', 'not the name of a parameter'],
    ['a name with what a shell runs', '$(touch /tmp/executed)=one', 'not the name of a parameter'],
  ])('refuses %s before a byte is copied', async (_, parameter, why) => {
    const error = await loadFailure(load(samples.hello, [parameter]));

    expect(error).toMatchObject({ step: 'preflight' });
    expect(error.message).toContain(why);
    expect(await scratch.shell('ls /tmp')).toBe('');
  });
});

describe('a load whose init function does not return', () => {
  it('ends at its limit with what the kernel says, and leaves the target to others', async () => {
    const impatient = like(scratch.target, {
      run: (argv, options) =>
        scratch.target.run(
          argv,
          options?.what === 'insmod slow' ? { ...options, timeoutMs: 10_000 } : options,
        ),
    });
    const error = await loadFailure(
      loadModule({ target: impatient, facts: scratch.facts, file: own['slow'] ?? '', parameters: [] }, never),
    );

    expect(error.message).toBe(
      'insmod slow: it did not end within 10 s; the kernel says that slow is loading: its init function has not returned',
    );
    expect(error.module).toMatchObject({ name: 'slow', state: 'loading' });
    expect(await scratch.leftovers()).toBe('');
    await expect(load(own['slow'] ?? '')).rejects.toThrow('slow is still being loaded');
    expect((await load(samples.hello)).module.state).toBe('live');
    await go(scratch.target, 'slow');
    await expect.poll(() => scratch.loaded('slow')).toMatchObject({ state: 'live' });
  });
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
          file: samples.hello,
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
    const failed = loadFailure(loading);
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
