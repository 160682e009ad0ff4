/** No word that is longer was meant to be another: the longest name of a module has 55 characters. */
const MAX_LENGTH = 64;

/** The candidate that most likely was meant: at most two slips of the keyboard away; undefined: none is. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const limit = word.length < 4 ? 1 : 2;
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word, candidate);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** Comparisons of words for one list of suggestions: behind hundreds of mistakes nobody needs another suggestion. */
const MAX_COMPARISONS = 100_000;

/** As nearest(), for many words: it suggests nothing more when it has compared as many as a person has use for. */
export function suggester(candidates: ReadonlySet<string>): (word: string) => string | undefined {
  let left = MAX_COMPARISONS;
  return (word) => {
    left -= candidates.size;
    return left < 0 ? undefined : nearest(word, candidates);
  };
}

/** Levenshtein: insertions, deletions, replacements. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
