import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadModule, reloadModule, type LoadResult } from '../../client/kernel/loadModule';
import { unloadModule, UnloadError } from '../../client/kernel/unloadModule';
import type { Target } from '../../client/targets/target';
import { stripDebug } from '../../kmod/stripDebug';
import { like, loadFailure, useLoading } from './loading';
import { buildModules, never } from './scratch';

const { scratch, directory, samples, load, unload, values } = useLoading();

describe('a reload', () => {
  const reload = (file: string, parameters: readonly string[] = []): Promise<LoadResult> =>
    reloadModule({ target: scratch.target, facts: scratch.facts, file, parameters }, never);

  it('replaces a module that is loaded', async () => {
    await load(samples.hello, ['count=2']);

    await reload(samples.hello, ['count=3']);

    expect((await values('hello'))['count']).toBe('3');
  });

  it('loads a module that is not loaded', async () => {
    expect((await reload(samples.hello)).module.state).toBe('live');
  });

  it('leaves the old one loaded when the new one can not work', async () => {
    await load(samples.hello, ['count=2']);
    const file = join(directory, 'broken.ko');
    writeFileSync(file, 'broken');

    await expect(reload(file)).rejects.toThrow('can not be loaded');
    await expect(reload(samples.hello, ['count=x'])).rejects.toThrow('is no int');

    expect((await values('hello'))['count']).toBe('2');
  });

  it('leaves a module alone that another one uses', async () => {
    await load(samples.base);
    await load(samples.top);

    await expect(reload(samples.base)).rejects.toThrow('chain_base is used by chain_top; unload that first');
    expect(await scratch.loaded('chain_base')).toMatchObject({ state: 'live' });
  });
});

describe('an unload', () => {
  it('ends when the kernel does not list the module any more, with its last words', async () => {
    await load(samples.hello);

    const { kernelLog } = await unloadModule({ target: scratch.target, name: 'hello', withLog: true }, never);

    expect(kernelLog.join('\n')).toContain('hello: goodbye, world');
    expect(await scratch.loaded('hello')).toBeUndefined();
  });

  it('says who holds a module', async () => {
    await load(samples.base);
    await load(samples.top);

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
      await load(samples.hello);

      await expect(unload(name)).rejects.toThrow('is no module name');

      expect(await scratch.loaded('hello')).toBeDefined();
    },
  );
});

describe('a load after another on the same connection', () => {
  let own: Record<string, string>;
  beforeAll(async () => {
    own = await buildModules(
      {
        packable: { init: 'return data[0];', before: 'static volatile char data[100000] = { [1] = 1 };' },
        large: {
          init: 'return data[0];',
          before: `static volatile unsigned char data[] = { 0, ${randomBytes(40_000).join()} };`,
        },
      },
      directory,
    );
  });

  /** The target, with what it is asked written down. */
  function watched(): { target: Target; asked: string[] } {
    const { target } = scratch;
    const asked: string[] = [];
    return {
      asked,
      target: like(target, {
        run: (argv, options) => {
          asked.push(options?.what ?? argv[0] ?? '');
          return target.run(argv, options);
        },
        upload: (...args) => {
          asked.push('upload');
          return target.upload(...args);
        },
      }),
    };
  }
  const once = async ({ target }: { target: Target }, file = samples.hello): Promise<LoadResult> => {
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
    await scratch.target.upload(stripDebug(readFileSync(samples.hello)), '/tmp/theirs.ko');
    await scratch.shell('insmod /tmp/theirs.ko count=3; rm /tmp/theirs.ko');

    const error = await loadFailure(once(connection));

    expect(error).toMatchObject({ step: 'preflight', module: { name: 'hello', state: 'live' } });
    expect(error.message).toContain('already loaded');
    expect((await values('hello'))['count']).toBe('3');
  });

  it('needs what it depends on anew', async () => {
    const connection = watched();
    await load(samples.base);
    await once(connection, samples.top);
    await once(connection, samples.top);
    await unload('chain_base');

    const error = await loadFailure(once(connection, samples.top));

    expect(error.message).toContain('chain_top needs chain_base');
  });
});
