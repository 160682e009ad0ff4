import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Configuration, ConfigurationEntry, EntryKind } from '../../kmod/config/configuration';
import { matchesGlob } from '../../kmod/config/glob';
import { parseParameters, type ParameterWord } from '../../kmod/config/parameters';
import type { Statement } from '../../kmod/config/syntax';
import { sameParameterName } from '../../kmod/parameters';
import { nameKey } from './names';
import type { Neighbourhood } from './neighbours';

/** A parameter that the configuration gives to a module. */
export interface GivenOption {
  readonly entry: ConfigurationEntry;
  /** Its places are those of the line, for an entry of a file. */
  readonly parameter: ParameterWord;
  /** The later one of the same name, whose value the kernel ends up with; undefined: this one counts. */
  readonly overriddenBy: ConfigurationEntry | undefined;
}

/** The options of a module in kmod's order: files, then the kernel command line. */
export function optionsOf({ entries }: Configuration, module: string): GivenOption[] {
  const given = entries
    .filter(({ kind, name }) => kind === 'options' && name === nameKey(module))
    .flatMap((entry) =>
      parseParameters(textOf(entry)).map((parameter) => ({ entry, parameter, name: parameter.name.text })),
    );
  return given.map(({ entry, parameter, name }) => {
    const last = given.findLast((other) => sameParameterName(other.name, name));
    const overriddenBy = last === undefined || last.parameter === parameter ? undefined : last.entry;
    return { entry, parameter, overriddenBy };
  });
}

function textOf({ origin, value }: ConfigurationEntry) {
  return (origin.kind === 'file' ? origin.statement.arguments[1] : undefined) ?? { text: value, index: 0 };
}

/** The alias lines that a name matches, in kmod's order; those that lead back to the name are none. */
export function aliasesOf({ entries }: Configuration, name: string): ConfigurationEntry[] {
  const key = nameKey(name);
  return entries.filter(
    (entry) => entry.kind === 'alias' && matchesGlob(entry.name, key) && nameKey(entry.value) !== key,
  );
}

/** The first entry of a kind that matches a module: the one that counts. */
export function firstOf(
  { entries }: Configuration,
  kind: EntryKind,
  module: string,
): ConfigurationEntry | undefined {
  return entries.find((entry) => entry.kind === kind && matchesGlob(entry.name, nameKey(module)));
}

/** Is an entry a statement of a document? */
export function isEntryOf(
  { origin }: ConfigurationEntry,
  { line }: Statement,
  document: TextDocument,
  { uriOf }: Neighbourhood,
): boolean {
  return (
    origin.kind === 'file' &&
    origin.statement.line.start === line.start &&
    uriOf(origin.path) === document.uri
  );
}

/** `/etc/modprobe.d/a.conf:3`, or the kernel command line. */
export function placeOfEntry({ origin }: ConfigurationEntry): string {
  return origin.kind === 'file'
    ? `${origin.path}:${origin.statement.line.firstLine + 1}`
    : 'the kernel command line';
}
