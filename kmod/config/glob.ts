/** What may still be done for many patterns and names. */
export interface GlobWork {
  stepsLeft: number;
}

/** PATH_MAX: libkmod's alias_normalize() takes no longer name. */
const MAX_NAME = 4096;

/**
 * True when a shell pattern (`*`, `?`, `[…]`, `\x`) matches a whole name: fnmatch(3) without flags, by which
 * modprobe compares aliases and module names. Takes at most pattern × name steps: of a bracket, each member is one.
 * @param work is counted down; where nothing is left, no pattern matches
 */
export function matchesGlob(pattern: string, name: string, work?: GlobWork): boolean {
  if (name.length >= MAX_NAME) return pattern === name;
  let p = 0;
  let n = 0;
  let star: { readonly p: number; n: number } | undefined;
  let lastClosing: number | undefined;
  while (n < name.length || p < pattern.length) {
    if (work !== undefined && --work.stepsLeft < 0) return false;
    if (pattern[p] === '*') {
      star = { p: ++p, n };
      continue;
    }
    let end: number | undefined;
    if (pattern[p] === '[') {
      // Looked for once: no bracket behind it has an end.
      if (lastClosing === undefined) {
        lastClosing = pattern.lastIndexOf(']');
        if (work !== undefined) work.stepsLeft -= pattern.length;
      }
      end = endOfBracket(pattern, p, lastClosing);
      if (work !== undefined && end !== undefined) work.stepsLeft -= end - p;
    }
    const next = n < name.length ? matchOne(pattern, p, name.charAt(n), end) : undefined;
    if (next !== undefined) {
      p = next;
      n++;
    } else if (star !== undefined && star.n < name.length) {
      // The last star takes one character more. Earlier stars need not: they took the least that works.
      p = star.p;
      n = ++star.n;
    } else {
      return false;
    }
  }
  return true;
}

export function isGlob(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/**
 * Where the pattern goes on after it matched one character; undefined: no match.
 * @param end of the bracket that begins at `p`; undefined: none does
 */
function matchOne(
  pattern: string,
  p: number,
  character: string,
  end: number | undefined,
): number | undefined {
  switch (pattern[p]) {
    case undefined:
      return undefined;
    case '?':
      return p + 1;
    case '\\':
      return pattern[p + 1] === character ? p + 2 : undefined;
    case '[':
      // Without an end it is an ordinary character.
      if (end === undefined) return character === '[' ? p + 1 : undefined;
      return bracketHolds(pattern.slice(p + 1, end), character) ? end + 1 : undefined;
    default:
      return pattern[p] === character ? p + 1 : undefined;
  }
}

/** A `]` in the first place is a member. undefined: there is none up to the last `]` of the pattern. */
function endOfBracket(pattern: string, open: number, lastClosing: number): number | undefined {
  const first = /[!^]/.test(pattern.charAt(open + 1)) ? open + 2 : open + 1;
  return lastClosing <= first ? undefined : pattern.indexOf(']', first + 1);
}

function bracketHolds(members: string, character: string): boolean {
  const negated = /^[!^]/.test(members);
  const list = negated ? members.slice(1) : members;
  let found = false;
  for (let i = 0; i < list.length; i++) {
    const low = list.charAt(i);
    if (list[i + 1] === '-' && i + 2 < list.length) {
      found ||= low <= character && character <= list.charAt(i + 2);
      i += 2;
    } else {
      found ||= low === character;
    }
  }
  return found !== negated;
}

/** Tells whether a name matches one of many patterns. Those that are no patterns cost nothing. */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)));
  const globs = patterns.filter(isGlob);
  return (name) => exact.has(name) || globs.some((glob) => matchesGlob(glob, name));
}
