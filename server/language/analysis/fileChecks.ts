import type { NodeChange } from '../../../kmod/config/edit';
import { isGlob, matchesGlob } from '../../../kmod/config/glob';
import type { ConfigNode, ConfigSyntax } from '../../../kmod/config/syntax';
import { AskedCatalog } from './askedCatalog';
import { checkFile, checkLine } from './checks';
import { Entries, type Neighbouring } from './entries';
import type { Finding, Unit } from './finding';
import { Questions } from './questions';

/** What was found in a line, and where the line stood then. */
interface Checked {
  readonly findings: readonly Finding[];
  readonly start: number;
  /** A finding names the number of another line of the file. */
  readonly namesLine: boolean;
}

/** All of a file's surroundings that do not change while it is edited. */
type FileFacts = Omit<Unit, 'syntax' | 'entries'>;

/** A change that speaks of more names has all lines looked at again: to look for those that asked takes longer. */
const MANY_NAMES = 100;

/**
 * The checks of a file that is edited: after a change, those lines are checked again that changed, that asked about a
 * name which a changed line speaks of, or that got another answer from the catalog.
 */
export class FileChecks {
  readonly #entries: Entries;
  readonly #catalog: AskedCatalog;
  /** Lines where something was found. */
  readonly #checked = new Map<ConfigNode, Checked>();
  readonly #ofEntries = new Questions();
  readonly #ofCatalog = new Questions();
  readonly #stale: Set<ConfigNode>;
  #linesMoved = false;
  #allStale = false;

  constructor(
    { nodes }: ConfigSyntax,
    private readonly facts: FileFacts,
    neighbouring: Neighbouring,
  ) {
    this.#entries = new Entries(nodes, neighbouring);
    this.#catalog = new AskedCatalog(facts.catalog);
    this.#stale = new Set(nodes);
  }

  /** Follows a change of the text. */
  change({ removed, added, movesLines }: NodeChange): void {
    const names = new Set<string>();
    for (const node of removed) {
      for (const name of this.#entries.remove(node)) names.add(name);
      this.#checked.delete(node);
      this.#stale.delete(node);
      this.#ofEntries.set(node, []);
      this.#ofCatalog.set(node, []);
    }
    for (const node of added) {
      for (const name of this.#entries.add(node)) names.add(name);
      this.#stale.add(node);
    }
    if (names.size > MANY_NAMES) this.#allStale = true;
    else for (const name of names) this.#askAgain(name);
    this.#linesMoved ||= movesLines;
  }

  /** The catalog may have learned something. */
  catalogChanged(): void {
    for (const name of this.#catalog.changed(this.#ofCatalog.names())) {
      for (const node of this.#ofCatalog.askersOf(name)) this.#stale.add(node);
    }
  }

  /**
   * All that is wrong with the file, in the order of its text.
   * @param withFixes their places are right, too
   */
  find(syntax: ConfigSyntax, withFixes: boolean): Finding[] {
    const unit: Unit = { ...this.facts, syntax, entries: this.#entries, catalog: this.#catalog };
    this.#entries.begin();
    if (this.#allStale) for (const node of syntax.nodes) this.#stale.add(node);
    this.#allStale = false;
    for (const [node, checked] of this.#checked) {
      if (withFixes || (checked.namesLine && this.#linesMoved)) this.#stale.add(node);
      else if (checked.start !== node.line.start) this.#checked.set(node, moved(checked, node.line.start));
    }
    for (const node of this.#stale) this.#check(node, unit);
    this.#stale.clear();
    this.#linesMoved = false;
    const found = [...this.#checked.values()].flatMap(({ findings }) => findings);
    found.push(...checkFile(unit));
    this.#entries.takeAsked();
    return found.sort((a, b) => a.span.start - b.span.start);
  }

  #check(node: ConfigNode, unit: Unit): void {
    const findings = checkLine(node, unit);
    this.#ofEntries.set(node, this.#entries.takeAsked());
    this.#ofCatalog.set(node, this.#catalog.takeAsked());
    if (findings.length === 0) {
      this.#checked.delete(node);
      return;
    }
    const namesLine = findings.some(
      ({ related }) => related !== undefined && related.entry.file === undefined,
    );
    this.#checked.set(node, { findings, start: node.line.start, namesLine });
  }

  #askAgain(name: string): void {
    for (const node of this.#ofEntries.askersOf(name)) this.#stale.add(node);
    if (!isGlob(name)) return;
    const prefix = name.slice(0, name.search(/[*?[\\]/));
    for (const asked of this.#ofEntries.names()) {
      if (!asked.startsWith(prefix) || !matchesGlob(name, asked)) continue;
      for (const node of this.#ofEntries.askersOf(asked)) this.#stale.add(node);
    }
  }
}

/** For a line that starts elsewhere now. The fixes stay behind. */
function moved({ findings, start, ...checked }: Checked, newStart: number): Checked {
  const by = newStart - start;
  const shift = (finding: Finding): Finding => {
    const { span } = finding;
    return { ...finding, span: { start: span.start + by, end: span.end + by } };
  };
  return { ...checked, findings: findings.map(shift), start: newStart };
}
