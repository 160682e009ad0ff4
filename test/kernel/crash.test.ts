import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LoadError, loadModule, type LoadResult } from '../../client/kernel/loadModule';
import { unloadModule } from '../../client/kernel/unloadModule';
import { TargetLostError } from '../../client/targets/errors';
import { buildModules, never, openScratch, scratchOf, useDirectory, type Scratch } from './scratch';

const directory = useDirectory();
let modules: Record<string, string>;
let scratch: Scratch;

beforeAll(async () => {
  modules = await buildModules(
    {
      crasher: { init: '*(volatile int *)0 = 1; return 0;' },
      panicking: { init: 'msleep(300); panic("told to by the test"); return 0;' },
      sleeper: { init: 'msleep(600000); return 0;' },
      ordinary: { init: 'return 0;' },
      stuck: { init: 'return 0;', exit: 'msleep(600000);' },
      leaking: { init: '__module_get(THIS_MODULE); return 0;' },
    },
    directory,
  );
});

const start = async (kernelArguments: readonly string[] = []): Promise<void> => {
  scratch = await scratchOf(await openScratch({ kernelArguments }));
};
afterEach(() => scratch.target.dispose());

const load = (name: string): Promise<LoadResult> =>
  loadModule(
    { target: scratch.target, facts: scratch.facts, file: modules[name] ?? '', parameters: [] },
    never,
  );

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );

describe('a module that crashes in its init function', () => {
  it('is told as what the kernel says it is, and never loaded a second time', async () => {
    await start();

    const error = (await failureOf(load('crasher'))) as LoadError;

    expect(error).toBeInstanceOf(LoadError);
    expect(error.message).toContain('the kernel crashed (oops) while it initialised crasher');
    expect(error.module).toMatchObject({ state: 'loading' });
    expect(error.kernelLog.join('\n')).toContain('NULL pointer dereference');
    expect(await scratch.leftovers()).toBe('');
    await expect(load('crasher')).rejects.toThrow('crasher is still being loaded');
    await expect(unloadModule({ target: scratch.target, name: 'crasher' }, never)).rejects.toThrow(
      'crasher is still loading',
    );
    expect((await load('ordinary')).module.state).toBe('live');
  });
});

describe('a target that dies during insmod', () => {
  it('is lost, with the kernel’s last words where it panicked', async () => {
    await start();
    const lost = new Promise((resolve) => {
      scratch.target.lost.addEventListener('abort', () => resolve(scratch.target.lost.reason));
    });

    const error = await failureOf(load('panicking'));

    expect(error).toBeInstanceOf(TargetLostError);
    expect((error as Error).message).toContain('Kernel panic - not syncing: told to by the test');
    expect(await lost).toBe(error);
    await expect(scratch.target.run(['true'])).rejects.toBeInstanceOf(TargetLostError);
  });

  it('is lost when its virtual machine is killed', async () => {
    await start();
    const begun = scratch.whenLogged('insmod sleeper');
    const loading = failureOf(load('sleeper'));
    await begun;

    process.kill(scratch.target.machine.pid, 'SIGKILL');

    const error = await loading;
    expect(error).toBeInstanceOf(TargetLostError);
    expect((error as Error).message).toContain('QEMU was ended by SIGKILL');
  });
});

describe('a module that can not be unloaded', () => {
  it('is told: a reference leaked, an exit function that does not return', async () => {
    await start();
    await load('leaking');
    await expect(unloadModule({ target: scratch.target, name: 'leaking' }, never)).rejects.toThrow(
      'leaking is in use (1 references',
    );

    await load('stuck');
    const cancel = new AbortController();
    const unloading = unloadModule({ target: scratch.target, name: 'stuck' }, cancel.signal);
    const rejected = expect(unloading).rejects.toThrow(
      'stuck is already being unloaded: its exit function has not returned',
    );
    // On a channel of its own: the shell that stays runs rmmod.
    await scratch.target.stream(
      ['sh', '-c', 'until grep -q "^stuck .* Unloading" /proc/modules; do sleep 0.1; done'],
      { signal: never, onData: () => undefined },
    );
    cancel.abort();
    await rejected;
  });
});

describe('a kernel that loads signed modules only', () => {
  it.each([
    ['module.sig_enforce=1', 'the kernel loads only modules that are signed with a key it trusts'],
    ['lockdown=integrity', 'the kernel is locked down and loads no unsigned module'],
  ])('says so (%s)', async (argument, text) => {
    await start([argument]);

    await expect(load('ordinary')).rejects.toMatchObject({
      step: 'preflight',
      message: expect.stringContaining('ordinary is not signed'),
    });
    // Where nobody foresaw it, it is the kernel that tells.
    scratch.facts = { ...scratch.facts, kernel: {} };
    await expect(load('ordinary')).rejects.toThrow(text);

    expect(await scratch.loaded('ordinary')).toBeUndefined();
  });
});
