import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkspaceModules } from '../../../server/catalog/workspaceModules';
import { buildModule } from '../kmod/elfBuilder';

describe('WorkspaceModules', () => {
  let directory: string;
  let warnings: string[];
  let modules: WorkspaceModules;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kmod-workspace-'));
    warnings = [];
    modules = new WorkspaceModules({
      warn: (text) => warnings.push(text),
      error: (text) => warnings.push(text),
    });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function built(name: string, ...strings: string[]): { name: string; file: string } {
    const file = join(directory, `${name}.ko`);
    writeFileSync(file, buildModule(strings));
    return { name, file };
  }

  it('knows a module that is not built, by either spelling', () => {
    modules.set([{ name: 'my-driver' }]);
    expect(modules.has('my_driver')).toBe(true);
    expect(modules.has('my-driver')).toBe(true);
    expect(modules.peekInfo('my-driver')).toBeUndefined();
  });

  it('tells what a built module says, and for which release it was built', async () => {
    modules.set([built('mine', 'description=Mine', 'vermagic=6.1.0-test SMP mod_unload ')]);
    const found = await modules.get('mine');
    expect(found?.info.entries).toContainEqual({ key: 'description', value: 'Mine' });
    expect(found?.origin).toEqual({ label: 'built in this workspace', release: '6.1.0-test' });
  });

  it('peeks without waiting, and tells when the file is read', async () => {
    modules.set([built('mine', 'parm=count:How often', 'parmtype=count:int')]);
    const changed = new Promise<void>((resolve) => modules.onDidChange(resolve));
    expect(modules.peekInfo('mine')).toBeUndefined();
    await changed;
    expect(modules.peekInfo('mine')?.parameters).toEqual([
      { name: 'count', type: 'int', description: 'How often' },
    ]);
  });

  it('reads a file again after it was built again', async () => {
    const module = built('mine', 'version=1');
    modules.set([module]);
    await modules.get('mine');
    modules.set([built('mine', 'version=2')]);
    const found = await modules.get('mine');
    expect(found?.info.entries).toContainEqual({ key: 'version', value: '2' });
  });

  it('keeps the name of a file that can not be read, and logs why', async () => {
    const file = join(directory, 'half.ko');
    writeFileSync(file, '\x7fELF');
    modules.set([{ name: 'half', file }]);
    expect(await modules.get('half')).toBeUndefined();
    expect(modules.has('half')).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(file);
  });
});
