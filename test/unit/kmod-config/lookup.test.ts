import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../kmod/budget';
import { entriesOfKind, readConfiguration, type Configuration } from '../../../kmod/config/configuration';
import { matchesGlob } from '../../../kmod/config/glob';
import { ModuleLookup } from '../../../kmod/config/lookup';
import { foldName } from '../../../kmod/config/parse';
import { planProbe } from '../../../kmod/config/probe';
import { toByteString } from '../../../kmod/text';
import type { ModuleTables } from '../../../kmod/tree/moduleTables';

const NO_TABLES: ModuleTables = {
  line: () => undefined,
  aliases: () => [],
  symbols: () => [],
  isBuiltin: () => false,
  builtinAliases: () => [],
};

const read = (source: string): Promise<Configuration> =>
  readConfiguration(
    {
      list: () => Promise.resolve({ kind: 'file' }),
      read: (path) => Promise.resolve(path === '/x' ? source : undefined),
    },
    { kmod: 30, kernelDirectory: '/lib/modules/1.0', searchPaths: ['/x'] },
  );

const plan = (lookup: ModuleLookup, name: string) =>
  planProbe(lookup, name, { kernelDirectory: '/lib/modules/1.0', exists: () => Promise.resolve(true) });

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');

/** libkmod's way: one line after the other. */
function oneByOne(configuration: Configuration, name: string) {
  const matching = (kind: 'alias' | 'install' | 'softdep') =>
    entriesOfKind(configuration, kind).filter((entry) =>
      matchesGlob(toByteString(entry.name), toByteString(name)),
    );
  const named = (kind: 'install' | 'remove' | 'blacklist') =>
    entriesOfKind(configuration, kind).find((entry) => entry.name === name);
  const optionsOf = (alias: string | undefined) =>
    entriesOfKind(configuration, 'options').filter((entry) => entry.name === name || entry.name === alias);
  const aliases = matching('alias');
  const command = named('install') ?? named('remove');
  return {
    found: aliases.length > 0 || command === undefined ? aliases : [command],
    install: matching('install')[0],
    softdep: matching('softdep')[0],
    blacklist: named('blacklist'),
    options: [undefined, 'a', 'b*', name].map(optionsOf),
  };
}

function ofLookup(lookup: ModuleLookup, name: string) {
  return {
    found: lookup
      .find(name)
      ?.map(({ finding }) =>
        finding.in === 'configuration' || finding.in === 'command' ? finding.entry : undefined,
      ),
    install: lookup.installOf(name),
    softdep: lookup.softdepOf(name),
    blacklist: lookup.blacklistOf(name),
    options: [undefined, 'a', 'b*', name].map((alias) => lookup.optionsOf(name, alias)),
  };
}

describe('the look-up of a name', () => {
  it('finds what a look at each line finds, in its order', async () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', 'b', 'é', '\udcff', '.'), minLength: 1, maxLength: 3 })
      .filter((text) => foldName(text) === text);
    const pattern = fc
      .string({
        unit: fc.constantFrom('a', 'b', 'é', '\udcff', '*', '?', '[ab]', '[!a]', '\\'),
        minLength: 1,
      })
      .filter((text) => foldName(text) === text);
    const line = fc
      .tuple(
        fc.constantFrom('alias', 'alias', 'install', 'remove', 'softdep', 'options', 'blacklist'),
        fc.oneof(name, pattern),
        fc.constantFrom('m1', 'm2', 'm3'),
      )
      .map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 5, maxLength: 30 }),
        fc.array(name, { minLength: 1 }),
        async (source, names) => {
          const configuration = await read(source.join('\n'));
          const lookup = new ModuleLookup(configuration, NO_TABLES);
          // The second time comes what is remembered.
          for (const each of [...names, ...names]) {
            expect(ofLookup(lookup, each)).toEqual(oneByOne(configuration, each));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not look at each line for each name', async () => {
    const configuration = await read(
      lines(500, (n) => `alias a${n} m\nalias b${n}* m\noptions o${n} x\nblacklist c${n}\ninstall i${n} x`),
    );
    let looks = 0;
    const entries = configuration.entries.map((entry) => ({
      ...entry,
      get name() {
        looks++;
        return entry.name;
      },
    }));
    const lookup = new ModuleLookup({ ...configuration, entries }, NO_TABLES);
    const toBuild = looks;
    expect(toBuild).toBeLessThan(5 * entries.length);
    for (let n = 0; n < 500; n++) {
      expect(lookup.find(`a${n}`)).toHaveLength(1);
      expect(lookup.find(`b${n}x`)?.[0]?.alias).toMatch(/^b/);
      expect(lookup.optionsOf(`o${n}`, undefined)).toHaveLength(1);
      expect(lookup.blacklistOf(`c${n}`)).toBeDefined();
      expect(lookup.find(`i${n}`)).toMatchObject([{ finding: { in: 'command' } }]);
    }
    expect(looks - toBuild).toBeLessThan(5_000);
  });

  it('tells that patterns were made to be slow', async () => {
    const lookup = new ModuleLookup(
      await read(lines(1_000, (n) => `alias *${'a'.repeat(100)}${n} m`)),
      NO_TABLES,
    );
    const ask = () => lookup.find('a'.repeat(4_000));
    expect(ask).toThrow(BudgetError);
    expect(ask).toThrow('the patterns of the configuration take more than 20000000 steps');
  });
});

describe('the plan of a probe that nobody can read', () => {
  it.each([
    [
      'an alias of many modules with many options',
      lines(1_000, (n) => `alias a m${n}`) + lines(1_000, () => 'options a x=1'),
    ],
    ['an alias of more modules than there are', lines(40_000, (n) => `alias a m${n}`)],
    [
      'soft dependencies of many names that are one',
      `alias a x\nsoftdep x pre: ${'b '.repeat(2_000)}\n` + lines(3_000, (n) => `alias b m${n}`),
    ],
    [
      'a soft dependency of very many',
      `alias a x\nsoftdep x pre: ${lines(2_000, (n) => `m${n}`).replaceAll('\n', ' ')}\n${lines(2_000, (n) => `install m${n} x`)}`,
    ],
  ])('is refused: %s', async (_what, source) => {
    const lookup = new ModuleLookup(await read(source), NO_TABLES);
    await expect(plan(lookup, 'a')).rejects.toThrow(BudgetError);
  });
});
