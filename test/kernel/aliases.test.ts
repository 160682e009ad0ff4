import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { parseModulesAlias } from '../../kmod/tree/parse';
import { fetchedKernels, installedKernel } from '../../scripts/kernels';

/** As many questions as one command line takes. */
const BATCH = 1000;

/** modprobe is the oracle, and every line of depmod's tables is a case. */
describe.each([installedKernel(), ...fetchedKernels()])(
  'of the kernel $release ($architecture), as modprobe -R resolves it,',
  ({ tree: directory, release }) => {
    const root = directory.slice(0, directory.lastIndexOf('/lib/modules/'));
    const reading = ModuleTree.read((file) => readFile(join(directory, file)).catch(() => undefined));

    /** What modprobe prints for each name. `mark` is a module that none of them stands for: it is asked for after each. */
    function resolved(names: readonly string[], mark: string): string[][] {
      const answers: string[][] = [];
      let current: string[] = [];
      for (let start = 0; start < names.length; start += BATCH) {
        const questions = names.slice(start, start + BATCH).flatMap((name) => [name, mark]);
        const args = [
          '-C',
          '/dev/null',
          '-d',
          root === '' ? '/' : root,
          '-S',
          release,
          '-R',
          '-a',
          ...questions,
        ];
        const { stdout } = spawnSync('modprobe', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
        for (const line of stdout.trimEnd().split('\n')) {
          if (line === mark) {
            answers.push(current);
            current = [];
          } else {
            current.push(line);
          }
        }
      }
      return answers;
    }

    /** A module that has neither aliases nor symbols. */
    const markOf = (tree: ModuleTree): string =>
      tree.names.find((name) => tree.aliasesOf(name).length + tree.symbolsOf(name).length === 0) ?? '';

    it('every alias of a module, made concrete, stands for the same modules in the same order', async () => {
      const tree = await reading;
      const patterns = [
        ...parseModulesAlias(tree.text('modules.alias')).map(({ pattern }) => pattern),
        ...tree.builtinNames.flatMap((name) => tree.aliasesOf(name)),
      ];
      const names = patterns.map((pattern) =>
        pattern
          .replaceAll('*', '0')
          .replaceAll('?', '1')
          .replace(/\[(.).*?\]/g, '$1'),
      );
      console.log(`modprobe -R: ${names.length} aliases of ${release} are resolved`);
      expect(names.length).toBeGreaterThan(100);
      expect(names.map((name) => tree.resolve(name))).toEqual(resolved(names, markOf(tree)));
    });

    it('every symbol and every name stands for the same modules', async () => {
      const tree = await reading;
      const mark = markOf(tree);
      const names = [
        ...parseModulesAlias(tree.text('modules.symbols')).map(({ pattern }) => pattern),
        ...tree.names.filter((name) => name !== mark),
        ...tree.builtinNames,
        'no-such-module',
        'symbol:no_such_symbol',
      ];
      expect(names.map((name) => tree.resolve(name))).toEqual(resolved(names, mark));
    });
  },
);
