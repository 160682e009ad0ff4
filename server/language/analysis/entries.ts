import { globMatcher, isGlob, matchesGlob } from '../../../kmod/config/glob';
import type { ConfigSyntax, Statement } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { keptStatements, type Entry, type OtherFile } from './finding';

/** The entries of a file. */
export function entriesOf(syntax: ConfigSyntax, file?: OtherFile): Entry[] {
  return keptStatements(syntax).map((statement) =>
    file === undefined ? { statement } : { statement, file },
  );
}

/** The entries of a command, in order. */
export function entriesFor(entries: readonly Entry[], ...commands: readonly string[]): Entry[] {
  return entries.filter(({ statement }) => commands.includes(statement.command.text));
}

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
  const globs: number[] = [];
  entries.forEach((entry, order) => {
    const subject = subjectOf(entry);
    if (isGlob(subject)) globs.push(order);
    else if (!exact.has(subject)) exact.set(subject, order);
  });
  return (name) => {
    const folded = normalizeModuleName(name);
    const glob = globs.find((order) => {
      const entry = entries[order];
      return entry !== undefined && matchesGlob(subjectOf(entry), folded);
    });
    return entries[Math.min(exact.get(folded) ?? Infinity, glob ?? Infinity)];
  };
}

/** Tells whether a name is an alias or an install command of these entries. */
export function isDefinedIn(entries: readonly Entry[]): (name: string) => boolean {
  const isDefined = globMatcher(entriesFor(entries, 'alias', 'install').map(subjectOf));
  return (name) => isDefined(normalizeModuleName(name));
}
