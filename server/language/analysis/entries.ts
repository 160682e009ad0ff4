import { globMatcher, isGlob, matchesGlob } from '../../../kmod/config/glob';
import type { ConfigSyntax, Statement } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { keptStatements, type Entry, type OtherFile } from './finding';
import { memoized } from './memo';

/** The entries of a file. */
export function entriesOf(syntax: ConfigSyntax, file?: OtherFile): Entry[] {
  return keptStatements(syntax).map((statement) =>
    file === undefined ? { statement } : { statement, file },
  );
}

/** The entries of a command, in order. */
export function entriesFor(entries: readonly Entry[], command: string): readonly Entry[] {
  return byCommand(entries).get(command) ?? [];
}

const byCommand = memoized((entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> => {
  const found = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { text } = entry.statement.command;
    const same = found.get(text);
    if (same === undefined) found.set(text, [entry]);
    else same.push(entry);
  }
  return found;
});

/** The first argument as kmod stores it; every entry has one. */
export function subjectOf({ statement }: { readonly statement: Statement }): string {
  return statement.arguments[0]?.value ?? '';
}

/** Tells whether a text is the very text of an alias. */
export function isAliasIn(entries: readonly Entry[]): (text: string) => boolean {
  const patterns = new Set(entriesFor(entries, 'alias').map(subjectOf));
  return (text) => patterns.has(text);
}

/** Finds the first alias that a name matches. */
export function aliasFinder(entries: readonly Entry[]): (name: string) => Entry | undefined {
  return firstMatch(entriesFor(entries, 'alias'));
}

/** Finds the first entry whose first argument matches a name, as kmod does for install, remove and softdep. */
export function firstMatch(entries: readonly Entry[]): (name: string) => Entry | undefined {
  const exact = new Map<string, number>();
  // By the text in front of the first wildcard: thousands of patterns are usual, and few start as a name does.
  const globs = new Map<string, number[]>();
  entries.forEach((entry, order) => {
    const subject = subjectOf(entry);
    if (isGlob(subject)) {
      const prefix = subject.slice(0, subject.search(/[*?[\\]/));
      const sharing = globs.get(prefix);
      if (sharing === undefined) globs.set(prefix, [order]);
      else sharing.push(order);
    } else if (!exact.has(subject)) {
      exact.set(subject, order);
    }
  });
  const lengths = [...new Set([...globs.keys()].map(({ length }) => length))];
  return (name) => {
    const folded = normalizeModuleName(name);
    const matches = (order: number) => matchesGlob(subjectOf(entries[order] as Entry), folded);
    const found = lengths.flatMap((length) => globs.get(folded.slice(0, length))?.find(matches) ?? []);
    return entries[Math.min(exact.get(folded) ?? Infinity, ...found)];
  };
}

/** Tells whether a name is an alias or an install command of these entries. */
export function isDefinedIn(entries: readonly Entry[]): (name: string) => boolean {
  const isDefined = globMatcher(
    [...entriesFor(entries, 'alias'), ...entriesFor(entries, 'install')].map(subjectOf),
  );
  return (name) => isDefined(normalizeModuleName(name));
}
