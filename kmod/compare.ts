import type { ModuleContents } from './contents';
import { allValues, type ModuleInfo } from './modinfo';

/** A module file as far as it is compared. */
export interface ComparedBuild {
  readonly contents: ModuleContents;
  /** As readDigests tells them. */
  readonly digests: ReadonlyMap<string, string>;
}

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

/** Sections of one name, taken together. */
export interface ComparedSection {
  /** Bytes. */
  readonly size: number;
  /** Of their content; absent where they take no place in the file. */
  readonly digest?: string;
}

/** What two module files differ in; sorted by key. */
export interface Comparison {
  /**
   * The values of a .modinfo field in file order, the build ID, and what modinfo tells of the signature; parameters
   * and aliases have lists of their own.
   */
  readonly fields: readonly Change<readonly string[]>[];
  readonly parameters: readonly Change<ComparedParameter>[];
  readonly aliases: readonly Change<string>[];
  readonly imports: readonly Change<Item<'imports'>>[];
  readonly exports: readonly Change<Item<'exports'>>[];
  readonly sections: readonly Change<ComparedSection>[];
}

const LISTED_APART = ['parm', 'parmtype', 'alias'];

export function compareModules(before: ComparedBuild, after: ComparedBuild): Comparison {
  const both = <Value>(of: (contents: ModuleContents) => ReadonlyMap<string, Value>) =>
    changes(of(before.contents), of(after.contents));
  return {
    fields: both(({ info }) => fieldsOf(info)),
    parameters: both(({ parameters }) => byName(parameters)),
    aliases: both(({ info }) => new Map(allValues(info, 'alias').map((alias) => [alias, alias]))),
    imports: both(({ imports }) => byName(imports)),
    exports: both(({ exports }) => byName(exports)),
    sections: changes(sectionsOf(before), sectionsOf(after)),
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

function fieldsOf({ entries, buildId, signed, signature }: ModuleInfo): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const { key, value } of entries) {
    if (!LISTED_APART.includes(key)) {
      const values = fields.get(key);
      if (values === undefined) fields.set(key, [value]);
      else values.push(value);
    }
  }
  if (buildId !== undefined) {
    fields.set('build ID', [buildId]);
  }
  if (signature !== undefined) {
    fields.set('signer', [signature.signer]);
    fields.set('sig_key', [signature.keyId]);
    fields.set('sig_hashalgo', [signature.hashAlgorithm]);
  } else if (signed === true) {
    fields.set('signature', ['of a kind that modinfo does not read']);
  }
  return fields;
}

function sectionsOf({ contents, digests }: ComparedBuild): Map<string, ComparedSection> {
  const sections = new Map<string, ComparedSection>();
  for (const { name, size } of contents.sections) {
    if (name !== '') {
      const digest = digests.get(name);
      sections.set(name, {
        size: (sections.get(name)?.size ?? 0) + size,
        ...(digest === undefined ? {} : { digest }),
      });
    }
  }
  return sections;
}
