import type { ModuleContents } from '../../kmod/contents';
import { allValues } from '../../kmod/modinfo';
import { normalizeModuleName } from '../../kmod/name';
import type { ModuleTree } from '../../kmod/tree/moduleTree';
import type { LoadedModule } from './procModules';

/** 'available': it has a file, and is not loaded. 'missing': nothing of that name is installed. */
export type NodeState = 'loaded' | 'builtin' | 'available' | 'missing';

export interface GraphNode {
  readonly name: string;
  readonly state: NodeState;
  /** In memory, bytes; of loaded modules. */
  readonly size: number | undefined;
  readonly references: number | undefined;
  /** The module that the graph is about. */
  readonly focus: boolean;
}

/**
 * 'hard': modules.dep or the holders of /proc/modules say so. 'soft': a softdep. 'weak': a weakdep, one that it may
 * load at run time. 'symbol': a module file of the workspace takes a symbol that the other exports, and nobody else
 * knows of it.
 */
export type EdgeKind = 'hard' | 'soft' | 'weak' | 'symbol';

export interface GraphEdge {
  /** The one that needs. */
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** The symbols that are taken, where they were read. */
  readonly symbols: readonly string[];
}

export interface ModuleGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** How many modules need the one that it is about, and are not shown. */
  readonly leftOut: number;
}

export interface GraphFacts {
  readonly loaded: readonly LoadedModule[];
  /** Undefined: no target is connected, or it has no modules installed. */
  readonly tree: ModuleTree | undefined;
  /** Module files of the workspace that were read. */
  readonly own: readonly ModuleContents[];
}

/** More than these are a picture of nothing. */
const MOST_DEPENDANTS = 150;

/** Everything that is loaded, and what it would like to have besides. */
export function graphOfLoaded(facts: GraphFacts): ModuleGraph {
  return new GraphBuilder(facts).build(facts.loaded.map(({ name }) => name));
}

/** A module with all that it needs, and those that need it. */
export function graphOfModule(name: string, facts: GraphFacts): ModuleGraph {
  const module = normalizeModuleName(name);
  const builder = new GraphBuilder(facts);
  const dependants = new Set([
    ...facts.loaded.filter((one) => one.name === module).flatMap(({ usedBy }) => usedBy),
    ...facts.own
      .filter((one) => builder.needs(one.info.name).some(({ to }) => to === module))
      .map(({ info }) => info.name),
    ...(facts.tree?.dependants(module) ?? []),
  ]);
  dependants.delete(module);
  const isLoaded = new Set(facts.loaded.map((one) => one.name));
  const shown = [...dependants]
    .sort((a, b) => Number(isLoaded.has(b)) - Number(isLoaded.has(a)))
    .slice(0, MOST_DEPENDANTS);
  const graph = builder.build([module], shown);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, focus: node.name === module })),
    leftOut: dependants.size - shown.length,
  };
}

class GraphBuilder {
  readonly #loaded: ReadonlyMap<string, LoadedModule>;
  readonly #own: ReadonlyMap<string, ModuleContents>;
  /** Of the workspace's modules: which exports a symbol. */
  readonly #exporters: ReadonlyMap<string, string>;
  /** What a module needs, by the users that /proc/modules names. */
  readonly #held = new Map<string, string[]>();
  readonly #needs = new Map<string, GraphEdge[]>();

  constructor(private readonly facts: GraphFacts) {
    this.#loaded = new Map(facts.loaded.map((module) => [module.name, module]));
    for (const { name, usedBy } of facts.loaded) {
      for (const user of usedBy) append(this.#held, user, name);
    }
    this.#own = new Map(facts.own.map((contents) => [contents.info.name, contents]));
    this.#exporters = new Map(
      facts.own.flatMap(({ info, exports }) => exports.map(({ name }) => [name, info.name] as const)),
    );
  }

  /**
   * @param roots all that these need is in the graph
   * @param others these are in it as well, with what connects them to the rest
   */
  build(roots: readonly string[], others: readonly string[] = []): ModuleGraph {
    const names = new Set(roots);
    // A set is walked in the order of insertion: what is added meanwhile comes in its turn.
    for (const name of names) {
      for (const { to } of this.needs(name)) {
        names.add(to);
      }
    }
    for (const name of others) {
      names.add(name);
    }
    const edges = [...names].flatMap((name) => this.needs(name)).filter(({ to }) => names.has(to));
    return { nodes: [...names].map((name) => this.#node(name)), edges, leftOut: 0 };
  }

  /** What a module needs, each once, in the strongest way that is known. */
  needs(name: string): readonly GraphEdge[] {
    let edges = this.#needs.get(name);
    if (edges === undefined) {
      edges = this.#findNeeds(name);
      this.#needs.set(name, edges);
    }
    return edges;
  }

  #findNeeds(name: string): GraphEdge[] {
    const kinds = new Map<string, EdgeKind>();
    const add = (kind: EdgeKind, names: Iterable<string>): void => {
      for (const to of names) {
        if (to !== name && !kinds.has(to)) {
          kinds.set(to, kind);
        }
      }
    };
    const taken = this.#symbolsTaken(name);
    add('hard', this.#held.get(name) ?? []);
    add('hard', this.facts.tree?.directDependencies(name) ?? this.#ownDependencies(name));
    add('symbol', taken.keys());
    add('soft', this.#resolved(this.#softDependencies(name)));
    add('weak', this.#resolved(this.#weakDependencies(name)));
    return Array.from(kinds, ([to, kind]) => ({ from: name, to, kind, symbols: taken.get(to) ?? [] }));
  }

  /** What modpost wrote into a file that depmod does not know. */
  #ownDependencies(name: string): string[] {
    return this.#ownValues(name, 'depends').map(normalizeModuleName);
  }

  /** By depmod; of a file that depmod does not know, by its own strings. */
  #softDependencies(name: string): string[] {
    const { tree } = this.facts;
    return tree?.path(name) === undefined
      ? this.#ownValues(name, 'softdep').filter((word) => !/^(pre|post):$/.test(word))
      : tree.softdeps(name).flatMap(({ pre, post }) => [...pre, ...post]);
  }

  #weakDependencies(name: string): string[] {
    const { tree } = this.facts;
    return tree?.path(name) === undefined ? this.#ownValues(name, 'weakdep') : tree.weakdeps(name);
  }

  #ownValues(name: string, key: string): string[] {
    const contents = this.#own.get(name);
    return (contents === undefined ? [] : allValues(contents.info, key))
      .flatMap((text) => text.split(/[\s,]+/))
      .filter((word) => word !== '');
  }

  /** Names and aliases -> the modules that they stand for. */
  #resolved(wanted: readonly string[]): string[] {
    return wanted.flatMap((word) => {
      const found = this.facts.tree?.resolve(word) ?? [];
      return found.length > 0 ? found : [normalizeModuleName(word)];
    });
  }

  /** The symbols that a module file of the workspace takes, by the module that exports them. */
  #symbolsTaken(name: string): Map<string, string[]> {
    const taken = new Map<string, string[]>();
    for (const { name: symbol } of this.#own.get(name)?.imports ?? []) {
      const exporter = this.#exporters.get(symbol) ?? this.facts.tree?.exportersOf(symbol)[0];
      if (exporter !== undefined) append(taken, exporter, symbol);
    }
    return taken;
  }

  #node(name: string): GraphNode {
    const module = this.#loaded.get(name);
    return {
      name,
      state: module === undefined ? this.#stateOf(name) : 'loaded',
      size: module?.size,
      references: module?.references,
      focus: false,
    };
  }

  #stateOf(name: string): NodeState {
    const { tree } = this.facts;
    if (tree?.isBuiltin(name) === true) {
      return 'builtin';
    }
    return this.#own.has(name) || tree?.path(name) !== undefined ? 'available' : 'missing';
  }
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
