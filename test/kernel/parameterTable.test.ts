import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { readParameterTable, scanParameterTable } from '../../client/kernel/parameterTable';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { installedKernel } from '../../scripts/kernels';
import { useScratch } from './scratch';

const never = new AbortController().signal;

describe.each([
  ['kmod', true],
  ['BusyBox', false],
] as const)('the parameters of all modules of a target with %s', (_, kmod) => {
  const scratch = useScratch({ kmod });

  it('are those that are in the files', async () => {
    const { tree: directory } = installedKernel();
    const tree = await ModuleTree.read((file) => readFile(join(directory, file)).catch(() => undefined));
    const unreadable: string[] = [];
    const local = await scanParameterTable(
      tree,
      (name) => join(directory, tree.path(name) ?? ''),
      (file) => unreadable.push(file),
      never,
    );
    expect(unreadable).toEqual([]);
    const table = await execute(scratch.target, readParameterTable(scratch.facts.release));
    expect(table.size).toBe(tree.names.length);
    expect(Object.fromEntries(table)).toEqual(Object.fromEntries(local));
  });
});
