import { isGlob, matchesGlob, type GlobWork } from '../../../kmod/config/glob';
import type { ConfigNode, ConfigSyntax, Statement } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { isKept, type Entry, type OtherFile } from './finding';
import { loadedBy } from './loads';

/** The entries of a file. */
export function entriesOf({ nodes }: ConfigSyntax, file?: OtherFile): Entry[] {
  return nodes.filter(isKept).map((statement) => (file === undefined ? { statement } : { statement, file }));
}

/** The first argument as kmod stores it; every entry has one. */
export function subjectOf({ statement }: { readonly statement: Statement }): string {
  return statement.arguments[0]?.value ?? '';
}

/** The entries of the files that are read in front of a file, and behind it. */
export interface Neighbouring {
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
}

const NO_ENTRIES: readonly Entry[] = [];

/** Steps for the patterns that one look at a file needs: those of a file that takes more match nothing any more. */
const MAX_STEPS = 10_000_000;

/**
 * Every line that kmod keeps, in the order in which it reads them: those of one file, which is edited, between those
 * of its neighbours. Lists are never changed, but replaced. Remembers what it was asked about.
 */
export class Entries {
  readonly #lists = new Map<string, Entry[]>();
  /** By command: the lengths of the texts in front of the first wildcard. */
  readonly #prefixLengths = new Map<string, Set<number>>();
  /** Of neighbours: negative in front of the file. */
  readonly #ranks = new Map<Entry, number>();
  readonly #own = new Map<ConfigNode, Entry>();
  readonly #work: GlobWork = { stepsLeft: MAX_STEPS };
  #asked: string[] = [];

  constructor(nodes: readonly ConfigNode[], { before, after }: Neighbouring) {
    const append = (entry: Entry): void => {
      for (const key of this.#keysOf(entry)) {
        const list = this.#lists.get(key);
        if (list === undefined) this.#lists.set(key, [entry]);
        else list.push(entry);
      }
    };
    before.forEach((entry, index) => {
      this.#ranks.set(entry, index - before.length);
      append(entry);
    });
    for (const statement of nodes.filter(isKept)) {
      const entry = { statement };
      this.#own.set(statement, entry);
      append(entry);
    }
    after.forEach((entry, index) => {
      this.#ranks.set(entry, index + 1);
      append(entry);
    });
  }

  /** @returns the names, patterns among them, that the line said something about */
  remove(node: ConfigNode): string[] {
    const entry = this.#own.get(node);
    if (entry === undefined) return [];
    this.#own.delete(node);
    for (const key of this.#keysOf(entry)) {
      const rest = this.#listOf(key).filter((other) => other !== entry);
      if (rest.length === 0) this.#lists.delete(key);
      else this.#lists.set(key, rest);
    }
    return namesIn(entry);
  }

  /**
   * Takes in a line of the file; all others are where they should be.
   * @returns the names, patterns among them, that it says something about
   */
  add(node: ConfigNode): string[] {
    if (!isKept(node)) return [];
    const entry = { statement: node };
    this.#own.set(node, entry);
    for (const key of this.#keysOf(entry)) {
      const list = this.#listOf(key);
      let place = list.length;
      while (place > 0 && this.#isBefore(entry, list[place - 1] as Entry)) place--;
      this.#lists.set(key, list.toSpliced(place, 0, entry));
    }
    return namesIn(entry);
  }

  /** A look at the file begins. */
  begin(): void {
    this.#work.stepsLeft = MAX_STEPS;
  }

  /** What was asked about since the last call. */
  takeAsked(): readonly string[] {
    const asked = this.#asked;
    this.#asked = [];
    return asked;
  }

  /** The entries of a command whose first argument is this very text. */
  about(command: string, subject: string): readonly Entry[] {
    this.#asked.push(subject);
    return this.#listOf(subjectKey(command, subject));
  }

  /** The first entry of a command whose first argument matches a name: alias, install, remove and softdep count so. */
  first(command: string, name: string): Entry | undefined {
    const folded = normalizeModuleName(name);
    this.#asked.push(folded);
    let [first] = isGlob(folded) ? NO_ENTRIES : this.#listOf(subjectKey(command, folded));
    for (const length of this.#prefixLengths.get(command) ?? []) {
      if (length > folded.length) continue;
      // Nothing matches any more: a look at each pattern would only take time.
      if (this.#work.stepsLeft < 0) break;
      const sharing = this.#listOf(prefixKey(command, folded.slice(0, length)));
      const match = sharing.find((entry) => matchesGlob(subjectOf(entry), folded, this.#work));
      if (match !== undefined && (first === undefined || this.#isBefore(match, first))) first = match;
    }
    return first;
  }

  /** The entries of a command that load a module for another one. */
  loading(command: 'softdep' | 'install', module: string): readonly Entry[] {
    this.#asked.push(module);
    return this.#listOf(loadedKey(command, module));
  }

  /** All softdep entries; only for checks of the whole file. */
  get softdeps(): readonly Entry[] {
    return this.#listOf(SOFTDEPS);
  }

  #listOf(key: string): readonly Entry[] {
    return this.#lists.get(key) ?? NO_ENTRIES;
  }

  #isBefore(a: Entry, b: Entry): boolean {
    const rank = (entry: Entry): number => this.#ranks.get(entry) ?? 0;
    return rank(a) === rank(b) ? a.statement.line.start < b.statement.line.start : rank(a) < rank(b);
  }

  #keysOf(entry: Entry): string[] {
    const command = entry.statement.command.text;
    const subject = subjectOf(entry);
    const keys = [subjectKey(command, subject)];
    if (isGlob(subject)) {
      // By the text in front of the first wildcard: thousands of patterns are usual, and few start as a name does.
      const length = subject.search(/[*?[\\]/);
      const lengths = this.#prefixLengths.get(command);
      if (lengths === undefined) this.#prefixLengths.set(command, new Set([length]));
      else lengths.add(length);
      keys.push(prefixKey(command, subject.slice(0, length)));
    }
    if (command === 'softdep') keys.push(SOFTDEPS);
    for (const module of new Set(loadedBy(entry.statement))) {
      if (module !== subject) keys.push(loadedKey(command, module));
    }
    return keys;
  }
}

const SOFTDEPS = 'all softdep';

const subjectKey = (command: string, subject: string): string => `is ${command} ${subject}`;
const prefixKey = (command: string, prefix: string): string => `like ${command} ${prefix}`;
const loadedKey = (command: string, module: string): string => `loads ${command} ${module}`;

function namesIn(entry: Entry): string[] {
  return [subjectOf(entry), ...loadedBy(entry.statement)];
}
