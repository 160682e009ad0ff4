import type { ModuleContents } from './contents';
import { allValues, type ModinfoEntry } from './modinfo';

/** What two builds differ in; a side is absent where that build has no such thing. */
export interface Change<Value> {
  readonly key: string;
  readonly before?: Value;
  readonly after?: Value;
}

type Item<List extends keyof ModuleContents> = ModuleContents[List] extends readonly (infer Thing)[]
  ? Thing
  : never;

export type ComparedParameter = Item<'parameters'>;

/** What two module files differ in; sorted by key. Sections are compared by size, not by content. */
export interface Comparison {
  /** The values of a .modinfo field in file order; parameters and aliases have lists of their own. */
  readonly fields: readonly Change<readonly string[]>[];
  readonly parameters: readonly Change<ComparedParameter>[];
  readonly aliases: readonly Change<string>[];
  readonly imports: readonly Change<Item<'imports'>>[];
  readonly exports: readonly Change<Item<'exports'>>[];
  /** Bytes; sections of one name are added up. */
  readonly sections: readonly Change<number>[];
}

const LISTED_APART = ['parm', 'parmtype', 'alias'];

export function compareModules(before: ModuleContents, after: ModuleContents): Comparison {
  const both = <Value>(of: (contents: ModuleContents) => ReadonlyMap<string, Value>) =>
    changes(of(before), of(after));
  return {
    fields: both(({ info }) => fieldsOf(info.entries)),
    parameters: both(({ parameters }) => byName(parameters)),
    aliases: both(({ info }) => new Map(allValues(info, 'alias').map((alias) => [alias, alias]))),
    imports: both(({ imports }) => byName(imports)),
    exports: both(({ exports }) => byName(exports)),
    sections: both(sizesOf),
  };
}

/** Two builds that differ in nothing that is compared. */
export const isSame = (comparison: Comparison): boolean =>
  Object.values(comparison).every((list: readonly unknown[]) => list.length === 0);

function changes<Value>(
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
): Change<Value>[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (JSON.stringify(old) === JSON.stringify(now)) {
      return [];
    }
    return [
      {
        key,
        ...(old === undefined ? {} : { before: old }),
        ...(now === undefined ? {} : { after: now }),
      },
    ];
  });
}

const byName = <Thing extends { readonly name: string }>(things: readonly Thing[]): Map<string, Thing> =>
  new Map(things.map((thing) => [thing.name, thing]));

function fieldsOf(entries: readonly ModinfoEntry[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const { key, value } of entries) {
    if (!LISTED_APART.includes(key)) {
      fields.set(key, [...(fields.get(key) ?? []), value]);
    }
  }
  return fields;
}

function sizesOf({ sections }: ModuleContents): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, size } of sections) {
    if (name !== '') {
      sizes.set(name, (sizes.get(name) ?? 0) + size);
    }
  }
  return sizes;
}
