import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../kmod/config/glob';
import { ModuleIndex } from '../../../../kmod/tree/moduleIndex';
import { normalizeModuleName } from '../../../../kmod/name';
import { parseModulesAlias, parseModulesDep } from '../../../../kmod/tree/parse';

const directory = readdirSync('/lib/modules')
  .map((release) => join('/lib/modules', release))
  .find((kernel) => existsSync(join(kernel, 'modules.alias.bin')));
const read = (file: string) => readFileSync(join(directory ?? '', file));

describe("an index of the installed kernel's depmod", () => {
  it('has the line of each module', () => {
    const index = ModuleIndex.open(read('modules.dep.bin'));
    for (const [name, line] of parseModulesDep(read('modules.dep').toString())) {
      expect(index?.search(name)).toBe(line);
      expect(index?.search(`${name}x`)).toBeUndefined();
    }
  });

  it('finds the modules of all patterns that match', () => {
    const index = ModuleIndex.open(read('modules.alias.bin'));
    const aliases = parseModulesAlias(read('modules.alias').toString());
    const patterns = aliases.map((alias) => ({ ...alias, pattern: normalizeModuleName(alias.pattern) }));
    // Every 40th alias, as a device would write it.
    const names = patterns
      .filter((_, position) => position % 40 === 0)
      .map(({ pattern }) => pattern.replace(/\*/g, '0').replace(/\[(.).*?\]/g, '$1'));
    for (const name of names) {
      const matching = patterns
        .filter(({ pattern }) => matchesGlob(pattern, name))
        .map(({ module }) => module);
      expect(index?.searchPatterns(name).toSorted()).toEqual(matching.sort());
      expect(matching).not.toEqual([]);
    }
  });

  it('never throws when it is broken', () => {
    const good = read('modules.builtin.alias.bin');
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(damage, fc.nat(good.length), (changes, length) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const index = ModuleIndex.open(bytes.subarray(0, Math.max(length, 12)));
        expect(() => index?.searchPatterns('net_pf_10')).not.toThrow();
        expect(() => index?.search('unix')).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});

describe('ModuleIndex.open', () => {
  it.each([[''], ['short'], ['no index, but longer than its head']])('refuses %j', (text) => {
    expect(ModuleIndex.open(Buffer.from(text))).toBeUndefined();
  });
});
