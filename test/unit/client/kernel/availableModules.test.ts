import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AvailableModules } from '../../../../client/kernel/availableModules';
import { LocalModules } from '../../../../client/kernel/localModules';
import { TargetModules } from '../../../../client/kernel/targetModules';
import { buildModule } from '../../kmod/elfBuilder';
import { KERNEL, Sysroot } from '../../server/sysroot';

let sysroot: Sysroot;
let kernel: string;

beforeEach(async () => {
  sysroot = await Sysroot.create();
  kernel = await sysroot.install('6.1.0', KERNEL);
});

afterEach(() => sysroot.remove());

/** Those of a sysroot; no target is connected. */
function availableIn(
  directory: () => string | undefined,
  release = '6.1.0',
): { modules: AvailableModules; warnings: string[] } {
  const warnings: string[] = [];
  const modules = new AvailableModules({
    connected: () => undefined,
    targetModules: new TargetModules({ connected: () => undefined }),
    localModules: new LocalModules(),
    localDirectory: () => {
      const path = directory();
      return Promise.resolve(
        path === undefined
          ? undefined
          : { origin: { label: sysroot.path, release }, sysroot: sysroot.path, directory: path },
      );
    },
    warn: (message) => warnings.push(message),
  });
  return { modules, warnings };
}

const never = new AbortController().signal;

describe('The available modules', () => {
  it('are those of the sysroot while no target is connected', async () => {
    const { modules } = availableIn(() => kernel);
    expect(modules.isRead).toBe(false);
    await modules.refresh();
    expect(modules.snapshot).toMatchObject({ label: sysroot.path, release: '6.1.0' });
    expect(modules.snapshot?.tree.names).toEqual(['a_b', 'c', 'd', 'passwd']);
    expect((await modules.info('ext4'))?.entries).toContainEqual({ key: 'license', value: 'GPL' });
    expect(await modules.info('nope')).toBeUndefined();
  });

  it('have files, but none outside of the sysroot', async () => {
    const { modules } = availableIn(() => kernel);
    await modules.refresh();
    expect(modules.file('a-b')).toBe(join(kernel, 'kernel/a-b.ko.xz'));
    expect(modules.file('d')).toBe(join(sysroot.path, 'opt/d.ko'));
    expect(modules.file('passwd')).toBeUndefined();
    expect(modules.file('ext4')).toBeUndefined();
  });

  it('are the same until depmod ran', async () => {
    const { modules } = availableIn(() => kernel);
    await modules.refresh();
    const { tree } = modules.snapshot ?? {};
    await modules.refresh();
    expect(modules.snapshot?.tree).toBe(tree);
    await utimes(join(kernel, 'modules.dep'), 1, 1);
    await modules.refresh();
    expect(modules.snapshot?.tree).not.toBe(tree);
  });

  it('are none where there is no kernel, and why they can not be read is told', async () => {
    const { modules: none } = availableIn(() => undefined);
    await none.refresh();
    expect([none.isRead, none.snapshot, none.error]).toEqual([true, undefined, undefined]);
    const { modules: gone } = availableIn(() => join(sysroot.path, 'gone'), 'gone');
    await gone.refresh();
    expect(gone.error?.message).toContain('has no modules.dep (any more)');
  });

  it('have parameters once these were asked for, as far as the files can be read', async () => {
    await sysroot.install('6.1.0', {
      'modules.dep': 'good.ko:\nbad.ko:\n',
      'good.ko': buildModule(['name=good', 'parm=size:in bytes', 'parmtype=size:int']),
      'bad.ko': 'no module',
    });
    const { modules, warnings } = availableIn(() => kernel);
    await modules.refresh();
    expect(modules.parameters).toBeUndefined();
    await modules.readParameters(never);
    expect(modules.parameters?.get('good')).toEqual(['size:in bytes (int)']);
    expect(warnings).toEqual([expect.stringContaining('bad.ko: ')]);
  });

  it('stop being read when that is cancelled', async () => {
    const { modules } = availableIn(() => kernel);
    await modules.refresh();
    await expect(modules.readParameters(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
