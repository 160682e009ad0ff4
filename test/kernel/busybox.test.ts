import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadModule } from '../../client/kernel/loadModule';
import { buildModules, buildSample, never, useDirectory, useScratch } from './scratch';

describe('a target that has BusyBox only', () => {
  const scratch = useScratch({ kmod: false });
  const directory = useDirectory();
  let hello: string;
  let own: Record<string, string>;

  beforeAll(async () => {
    hello = (await buildSample('hello', directory))['hello'] ?? '';
    own = await buildModules(
      {
        no_device: { init: 'return -ENODEV;' },
        no_memory: { init: 'return -ENOMEM;' },
      },
      directory,
    );
  });

  const load = (file: string, parameters: readonly string[] = []) =>
    loadModule({ target: scratch.target, facts: scratch.facts, file, parameters }, never);

  afterEach(async () => {
    expect(await scratch.leftovers()).toBe('');
    await scratch.shell('rmmod hello 2>/dev/null; true');
  });

  it('explains failures in BusyBox’s words too', async () => {
    await expect(load(own['no_device'] ?? '')).rejects.toThrow('found no device it drives (ENODEV)');
    await expect(load(own['no_memory'] ?? '')).rejects.toThrow('not enough memory');
    await expect(load(hello, ['count=99'])).rejects.toThrow('count is 99, not 1 to 10');
  });
});
