import { groupBy } from '../groupBy';
import { isGlob, matchesGlob, type GlobWork } from './glob';

interface Ranked<Item> {
  readonly item: Item;
  readonly rank: number;
  readonly pattern: string;
}

/** Steps for all that one index is asked: patterns that take more were made to be slow. */
export const MAX_STEPS = 20_000_000;

/** Of a text that is hashed, so many characters take as long as one step of a pattern. */
const HASHED_A_STEP = 16;

/**
 * Finds among many items those whose names or patterns match a name, in their order, without a look at each: by the
 * text in front of the first wildcard. Each name is looked for once.
 */
export class PatternIndex<Item> {
  readonly #exact: ReadonlyMap<string, readonly Ranked<Item>[]>;
  /** By the length of that text, and by the text. */
  readonly #globs: ReadonlyMap<number, ReadonlyMap<string, readonly Ranked<Item>[]>>;
  readonly #known = new Map<string, readonly Item[]>();

  /** @param work is counted down; where nothing is left, no pattern matches any more */
  constructor(
    items: readonly Item[],
    patternOf: (item: Item) => string,
    private readonly work: GlobWork = { stepsLeft: MAX_STEPS },
  ) {
    const ranked = items.map((item, rank): Ranked<Item> => ({ item, rank, pattern: patternOf(item) }));
    const globs = ranked.filter(({ pattern }) => isGlob(pattern));
    this.#exact = groupBy(
      ranked.filter(({ pattern }) => !isGlob(pattern)),
      ({ pattern }) => pattern,
    );
    this.#globs = new Map(
      [...groupBy(globs, ({ pattern }) => pattern.search(/[*?[\\]/))].map(([length, some]) => [
        length,
        groupBy(some, ({ pattern }) => pattern.slice(0, length)),
      ]),
    );
  }

  matching(name: string): readonly Item[] {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = [...(this.#exact.get(name) ?? [])];
    for (const [length, sharing] of this.#globs) {
      if (length > name.length) continue;
      // Nothing matches any more: a look at each pattern would only take time.
      if (this.work.stepsLeft < 0) break;
      this.work.stepsLeft -= length / HASHED_A_STEP;
      for (const ranked of sharing.get(name.slice(0, length)) ?? []) {
        if (matchesGlob(ranked.pattern, name, this.work)) found.push(ranked);
      }
    }
    const items = found.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
    this.#known.set(name, items);
    return items;
  }

  first(name: string): Item | undefined {
    return this.matching(name)[0];
  }
}
