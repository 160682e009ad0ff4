import { Budget } from '../budget';
import { moduleNameOfPath } from '../name';
import type { Steps } from '../steps';

/** A full kernel has some 15,000. */
const MAX_EDGES = 1 << 22;

/** To tell what is needed directly, for all modules together: a full kernel takes less than 100,000 steps. */
const MAX_STEPS = 1 << 26;

/** The lines of modules.dep as a graph of numbers: asked from both ends, in time that its size bounds. */
export class DependencyGraph {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  /** What the module of a number needs begins here in #needed; as depmod orders it: what is needed first is last. */
  readonly #neededAt: number[] = [0];
  readonly #needed: number[] = [];
  /** The same from the other end. */
  #dependantsAt = new Int32Array();
  #dependants = new Int32Array();
  readonly #direct = new Map<number, readonly string[]>();
  readonly #steps = new Budget(
    MAX_STEPS,
    `the dependencies of modules.dep take more than ${MAX_STEPS} steps to tell apart, as no kernel's do`,
  );
  /** Marks what a question has met; each question has a mark of its own. */
  #marks = new Int32Array();
  #mark = 0;

  private constructor() {}

  /** @param lines those of modules.dep, by module name, in depmod's order. Throws BudgetError. */
  static *build(lines: ReadonlyMap<string, string>): Steps<DependencyGraph> {
    const graph = new DependencyGraph();
    yield* graph.#read(lines);
    yield* graph.#invert();
    return graph;
  }

  /** The modules that need a module, directly or not, in depmod's order. */
  dependants(name: string): string[] {
    return Array.from(this.#dependantsOf(this.#ids.get(name)), (id) => this.#nameOf(id));
  }

  /** Those that need it for nothing but itself: none of what they need needs it, too. */
  directDependants(name: string): string[] {
    const dependants = this.#dependantsOf(this.#ids.get(name));
    const mark = ++this.#mark;
    for (const id of dependants) this.#marks[id] = mark;
    const isDirect = (id: number): boolean => {
      const end = this.#neededAt[id + 1] ?? 0;
      for (let at = this.#neededAt[id] ?? 0; at < end; at++) {
        if (this.#marks[this.#needed[at] ?? 0] === mark) return false;
      }
      return true;
    };
    return Array.from(dependants.filter(isDirect), (id) => this.#nameOf(id));
  }

  /** What nothing else that a module needs brings along, in the order of insertion. @throws BudgetError */
  directDependencies(name: string): readonly string[] {
    const id = this.#ids.get(name);
    if (id === undefined) return [];
    let direct = this.#direct.get(id);
    if (direct === undefined) {
      direct = this.#findDirect(id);
      this.#direct.set(id, direct);
    }
    return direct;
  }

  #findDirect(id: number): string[] {
    const needed = this.#neededOf(id);
    const mark = ++this.#mark;
    for (const other of needed) {
      // depmod's lines are complete: what brings this one brings all that this one brings.
      if (this.#marks[other] === mark) continue;
      const end = this.#neededAt[other + 1] ?? 0;
      const start = this.#neededAt[other] ?? 0;
      this.#steps.spend(end - start);
      for (let at = start; at < end; at++) this.#marks[this.#needed[at] ?? 0] = mark;
    }
    return needed
      .filter((other) => this.#marks[other] !== mark)
      .map((other) => this.#nameOf(other))
      .reverse();
  }

  *#read(lines: ReadonlyMap<string, string>): Steps<void> {
    const edges = new Budget(
      MAX_EDGES,
      `modules.dep tells more than ${MAX_EDGES} dependencies, as no kernel's does`,
    );
    const byPath = new Map<string, number>();
    for (const name of lines.keys()) this.#idOf(name);
    let id = 0;
    for (const line of lines.values()) {
      // Most modules of a kernel need no other.
      const words = line.endsWith(':') ? [] : line.slice(line.indexOf(':') + 1).matchAll(/[^ \t]+/g);
      const seen = new Set<number>();
      for (const [path] of words) {
        edges.spend();
        let other = byPath.get(path);
        if (other === undefined) {
          other = this.#idOf(moduleNameOfPath(path));
          byPath.set(path, other);
        }
        if (!seen.has(other)) this.#needed.push(other);
        seen.add(other);
        if (this.#needed.length % 1024 === 0) yield;
      }
      this.#neededAt[++id] = this.#needed.length;
      if (id % 256 === 0) yield;
    }
    while (id < this.#names.length) this.#neededAt[++id] = this.#needed.length;
  }

  *#invert(): Steps<void> {
    const count = this.#names.length;
    this.#marks = new Int32Array(count);
    this.#dependantsAt = new Int32Array(count + 1);
    this.#dependants = new Int32Array(this.#needed.length);
    const counts = this.#dependantsAt;
    for (const other of this.#needed) counts[other + 1] = (counts[other + 1] ?? 0) + 1;
    yield;
    for (let id = 0; id < count; id++) counts[id + 1] = (counts[id + 1] ?? 0) + (counts[id] ?? 0);
    const next = counts.slice();
    yield;
    for (let id = 0; id < count; id++) {
      for (const other of this.#neededOf(id)) {
        const at = next[other] ?? 0;
        this.#dependants[at] = id;
        next[other] = at + 1;
      }
      if (id % 256 === 0) yield;
    }
  }

  #idOf(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#names.length;
      this.#ids.set(name, id);
      this.#names.push(name);
    }
    return id;
  }

  #nameOf(id: number): string {
    return this.#names[id] ?? '';
  }

  #neededOf(id: number): number[] {
    return this.#needed.slice(this.#neededAt[id], this.#neededAt[id + 1]);
  }

  #dependantsOf(id: number | undefined): Int32Array {
    return id === undefined
      ? new Int32Array()
      : this.#dependants.subarray(this.#dependantsAt[id], this.#dependantsAt[id + 1]);
  }
}
