import { afterEach, beforeAll, expect } from 'vitest';
import { execute } from '../../client/kernel/command';
import { readParameters } from '../../client/kernel/commands';
import { LoadError, loadModule, type LoadResult } from '../../client/kernel/loadModule';
import { unloadModule } from '../../client/kernel/unloadModule';
import type { Target } from '../../client/targets/target';
import { buildSample, never, useDirectory, useScratch } from './scratch';

/** The samples' modules, built. */
interface Samples {
  hello: string;
  base: string;
  /** It needs base. */
  top: string;
}

/**
 * A virtual machine on which the tests of a file load modules. After each test no file of a load is there, and the
 * samples are unloaded, and what else is named.
 */
export function useLoading(others: readonly string[] = []) {
  const scratch = useScratch();
  const directory = useDirectory();
  const samples = {} as Samples;
  beforeAll(async () => {
    const { hello = '' } = await buildSample('hello', directory);
    const { chain_base: base = '', chain_top: top = '' } = await buildSample('chain', directory);
    Object.assign(samples, { hello, base, top });
  });
  afterEach(async () => {
    expect(await scratch.leftovers()).toBe('');
    const modules = ['chain_top', 'chain_base', 'hello', ...others].join(' ');
    await scratch.shell(`for m in ${modules}; do rmmod $m 2>/dev/null; done; true`);
  });

  const load = (file: string, parameters: readonly string[] = []): Promise<LoadResult> =>
    loadModule({ target: scratch.target, facts: scratch.facts, file, parameters }, never);
  const unload = (name: string): Promise<unknown> => unloadModule({ target: scratch.target, name }, never);
  /** A module's parameters, as the kernel tells them. */
  const values = async (name: string): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(
      (await execute(scratch.target, readParameters(name))).map((parameter) => [
        parameter.name,
        parameter.value,
      ]),
    );
  return { scratch, directory, samples, load, unload, values };
}

/** Why a module was not loaded. */
export async function loadFailure(promise: Promise<unknown>): Promise<LoadError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LoadError);
  return error as LoadError;
}

/** The same target, of which something is done otherwise. */
export const like = (target: Target, otherwise: Partial<Target>): Target => ({
  name: target.name,
  lost: target.lost,
  run: (...args) => target.run(...args),
  upload: (...args) => target.upload(...args),
  stream: (...args) => target.stream(...args),
  dispose: () => target.dispose(),
  ...otherwise,
});
