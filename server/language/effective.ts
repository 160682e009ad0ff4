import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Configuration, ConfigurationEntry, EntryKind } from '../../kmod/config/configuration';
import { groupBy } from '../../kmod/groupBy';
import type { ParameterWord } from '../../kmod/config/parameters';
import { PatternIndex } from '../../kmod/config/patternIndex';
import type { Statement } from '../../kmod/config/syntax';
import { parameterKey } from '../../kmod/parameters';
import { optionWords } from './analysis/lists';
import { memoized } from './analysis/memo';
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

/** What is looked up of a configuration, again and again while one request is answered. */
const indexOf = memoized(({ entries }: Configuration) => {
  const kinds = groupBy(entries, ({ kind }) => kind);
  const patterns = new Map(
    [...kinds].map(([kind, some]) => [kind, new PatternIndex(some, ({ name }) => name)] as const),
  );
  const options = groupBy(kinds.get('options') ?? [], ({ name }) => name);
  const names = new Map(
    [...kinds].map(([kind, some]) => [kind, new Set(some.map(({ name }) => name))] as const),
  );
  return { patterns, names, options, given: new Map<string, readonly GivenOption[]>() };
});

/** The options of a module in kmod's order: files, then the kernel command line. */
export function optionsOf(configuration: Configuration, module: string): readonly GivenOption[] {
  const { options, given } = indexOf(configuration);
  const key = nameKey(module);
  const known = given.get(key) ?? readOptions(options.get(key) ?? []);
  given.set(key, known);
  return known;
}

function readOptions(entries: readonly ConfigurationEntry[]): GivenOption[] {
  const given = entries.flatMap((entry) =>
    optionWords(textOf(entry)).map((parameter) => ({ entry, parameter })),
  );
  const last = new Map(given.map((option) => [parameterKey(option.parameter.name.text), option]));
  return given.map(({ entry, parameter }) => {
    const counting = last.get(parameterKey(parameter.name.text));
    const overriddenBy = counting?.parameter === parameter ? undefined : counting?.entry;
    return { entry, parameter, overriddenBy };
  });
}

/** By the line of a file: where its options start. */
const byLine = memoized((given: readonly GivenOption[]) =>
  groupBy(given, ({ entry: { origin } }) =>
    origin.kind === 'file' ? origin.statement.line.start : undefined,
  ),
);

/** Those that a statement of a document gives. */
export function optionsAt(
  statement: Statement,
  module: string,
  document: TextDocument,
  system: Neighbourhood,
): GivenOption[] {
  const here = byLine(optionsOf(system.configuration, module)).get(statement.line.start) ?? [];
  return here.filter(({ entry }) => isEntryOf(entry, statement, document, system));
}

function textOf({ origin, value }: ConfigurationEntry) {
  return (origin.kind === 'file' ? origin.statement.arguments[1] : undefined) ?? { text: value, index: 0 };
}

/** The alias lines that a name matches, in kmod's order; those that lead back to the name are none. */
export function aliasesOf(configuration: Configuration, name: string): ConfigurationEntry[] {
  const key = nameKey(name);
  const found = indexOf(configuration).patterns.get('alias')?.matching(key) ?? [];
  return found.filter(({ value }) => nameKey(value) !== key);
}

/** The first entry of a kind that matches a module: the one that counts. */
export function firstOf(
  configuration: Configuration,
  kind: EntryKind,
  module: string,
): ConfigurationEntry | undefined {
  return indexOf(configuration).patterns.get(kind)?.first(nameKey(module));
}

/** Is there an entry of a kind with this very name? */
export function isNamed(configuration: Configuration, kind: EntryKind, name: string): boolean {
  return indexOf(configuration).names.get(kind)?.has(name) === true;
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
