import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../kmod/config/glob';
import { foldName } from '../../../../kmod/config/parse';
import { allValues } from '../../../../kmod/modinfo';
import { buildIndex, type IndexEntry } from '../../../../kmod/tree/buildIndex';
import { ModuleIndex } from '../../../../kmod/tree/moduleIndex';
import {
  parseModulesAlias,
  parseModulesBuiltinModinfo,
  parseModulesDep,
  type ModuleAlias,
} from '../../../../kmod/tree/parse';

const directory = readdirSync('/lib/modules')
  .map((release) => join('/lib/modules', release))
  .find((kernel) => existsSync(join(kernel, 'modules.alias.bin')));
const read = (file: string) => readFileSync(join(directory ?? '', file));

function entriesOf(aliases: readonly ModuleAlias[], priorityOf: (module: string) => number): IndexEntry[] {
  return aliases.flatMap(({ pattern, module }) => {
    const key = foldName(pattern);
    return key === undefined ? [] : [{ key, value: module, priority: priorityOf(module) }];
  });
}

describe("An index of the installed kernel's modules", () => {
  const order = [...parseModulesDep(read('modules.dep').toString()).keys()];

  it.each(['modules.alias', 'modules.symbols'])('is byte for byte what depmod made of %s', (file) => {
    const entries = entriesOf(parseModulesAlias(read(file).toString()), (module) => order.indexOf(module));
    expect(buildIndex(entries).equals(read(`${file}.bin`))).toBe(true);
  });

  it('is byte for byte what depmod made of the aliases of built-in modules', () => {
    const aliases = [...parseModulesBuiltinModinfo(read('modules.builtin.modinfo'))].flatMap(
      ([module, info]) => allValues(info, 'alias').map((pattern) => ({ pattern, module })),
    );
    expect(buildIndex(entriesOf(aliases, () => 0)).equals(read('modules.builtin.alias.bin'))).toBe(true);
  });
});

describe('An index of generated patterns', () => {
  // In front of the first wildcard kmod takes a backslash for itself.
  const piece = fc.constantFrom('a', 'b', 'ab', '*', '?', '[ab]', '[!a]', '*\\a', ':');
  const pattern = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
  const name = fc.array(fc.constantFrom('a', 'b', ':'), { maxLength: 10 }).map((pieces) => pieces.join(''));

  it('finds what matches, in the order of the entries', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 40 }), name, (patterns, asked) => {
        const entries = patterns.map((key, priority) => ({ key, value: `m${priority}`, priority }));
        const index = ModuleIndex.open(buildIndex(entries));
        const matching = entries.filter(({ key }) => matchesGlob(key, asked)).map(({ value }) => value);
        expect(index?.searchPatterns(asked)).toEqual(matching);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves out what depmod refuses', () => {
    const entries = ['größe', 'x'.repeat(5000), 'good'].map((key) => ({ key, value: 'm', priority: 0 }));
    expect(buildIndex(entries).equals(buildIndex([{ key: 'good', value: 'm', priority: 0 }]))).toBe(true);
  });
});
