import { afterEach, describe, expect, it } from 'vitest';
import { ModprobeError, modprobeModule, modprobeRemoveModule } from '../../client/kernel/modprobe';
import { never, useScratch } from './scratch';

describe.each([
  ['kmod', true],
  ['BusyBox', false],
] as const)('modprobe of %s', (tools, kmod) => {
  const scratch = useScratch({ kmod });

  const modprobe = (name: string, parameters: readonly string[] = []) =>
    modprobeModule({ target: scratch.target, name, parameters }, never);
  const remove = (name: string) => modprobeRemoveModule({ target: scratch.target, name }, never);
  const names = (modules: readonly { name: string }[]): string[] => modules.map(({ name }) => name).sort();

  afterEach(() => scratch.shell('for m in dm_zero dm_mod dummy; do rmmod $m 2>/dev/null; done; true'));

  it('is the one that the facts tell', () => {
    expect(scratch.facts).toMatchObject({ tools: tools.toLowerCase(), root: 'login', machine: 'x86_64' });
  });

  it('loads a module of the distribution and what it depends on', async () => {
    const { loaded } = await modprobe('dm-zero');

    expect(names(loaded)).toEqual(['dm_mod', 'dm_zero']);
    expect(await scratch.loaded('dm_mod')).toMatchObject({ state: 'live', usedBy: ['dm_zero'] });
  });

  it('unloads a module and what it alone depended on', async () => {
    await modprobe('dm-zero');

    const { unloaded } = await remove('dm_zero');

    expect(unloaded).toContain('dm_zero');
    expect(await scratch.loaded('dm_zero')).toBeUndefined();
  });

  it('passes parameters, and changes nothing the second time', async () => {
    expect(names((await modprobe('dummy', ['numdummies=3'])).loaded)).toEqual(['dummy']);
    expect((await scratch.shell('ls -d /sys/class/net/dummy*')).trim().split('\n')).toHaveLength(3);

    expect((await modprobe('dummy')).loaded).toEqual([]);
  });

  it('ignores a parameter that does not exist, and fails with a value of another type', async () => {
    const { loaded, kernelLog } = await modprobe('dummy', ['nope=1']);
    expect(names(loaded)).toEqual(['dummy']);
    expect(kernelLog.join('\n')).toContain("dummy: unknown parameter 'nope' ignored");
    await remove('dummy');

    const failure = await modprobe('dummy', ['numdummies=many']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModprobeError);
    expect((failure as ModprobeError).kernelLog.join('\n')).toContain("`many' invalid for parameter");
    expect(await scratch.loaded('dummy')).toBeUndefined();
  });

  it('says that a module is not installed', async () => {
    await expect(modprobe('no-such-module')).rejects.toThrow(
      new ModprobeError('modprobe no-such-module: no-such-module is not installed on the target', []),
    );
  });

  it('says who uses a module that can not be unloaded', async () => {
    await modprobe('dm-zero');

    await expect(remove('dm_mod')).rejects.toThrow('dm_mod is used by dm_zero');
    expect(await scratch.loaded('dm_mod')).toBeDefined();
  });

  it.each(['-r', '--help', 'a;b', '$(reboot)'])('takes %j for no name', async (name) => {
    await expect(modprobe(name)).rejects.toThrow('is no module name');
    await expect(remove(name)).rejects.toThrow('is no module name');
  });
});
